import { z } from 'zod';
import {
  createActor,
  definitionOf,
  deleteActor,
  maskedConfiguration,
  patchActor,
  replaceActor,
} from '../../state/actor-changes';
import type { Actor, ActorKind } from '../../state/resources';
import { type ApiContext, uuid } from '../call';
import { Problem } from '../problems';
import { definePublicCall, flag, type PublicCall, uuids } from './call';
import { typeName } from './definitions';
import { pageQuery, toPage, withoutOrder } from './pages';

const configuration = z.record(z.string(), z.unknown());

/** The calls for sources or destinations by method: those for the whole list, and those for a single one. */
export function actorCalls(kind: ActorKind): { all: Record<string, PublicCall>; one: Record<string, PublicCall> } {
  const idField = `${kind}Id`;
  const typeField = `${kind}Type`;
  const withoutType = ({ [typeField]: _, ...rest }: Record<string, unknown>) => rest;

  const list = definePublicCall(
    { query: z.object({ ...pageQuery, workspaceIds: uuids.default([]), includeDeleted: flag.default(false) }) },
    ({ query, url }, context) => {
      const { workspaceIds, includeDeleted } = query;
      const matching = [...context.store.actors.values()].filter(
        (actor) =>
          actor.kind === kind &&
          (includeDeleted || !actor.deleted) &&
          (workspaceIds.length === 0 || workspaceIds.includes(actor.workspaceId)),
      );
      const toRead = (actor: Actor) => toActorRead(actor, context);
      return toPage(withoutOrder(matching, query, context.store.random), query, {
        url,
        filters: { includeDeleted, workspaceIds },
        toRead,
      });
    },
  );

  const create = definePublicCall(
    {
      body: z.looseObject({
        name: z.string(),
        workspaceId: uuid,
        definitionId: uuid.optional(),
        configuration,
      }),
    },
    async ({ body }, context) => {
      const definitionId = body.definitionId ?? definitionOfType(kind, body.configuration[typeField], context);
      const request = { ...body, definitionId, configuration: withoutType(body.configuration) };
      return toActorRead(await createActor(kind, request, context), context);
    },
  );

  const get = definePublicCall({}, ({ id }, context) => toActorRead(context.store.actor(kind, id(idField)), context));

  const patch = definePublicCall(
    { body: z.looseObject({ name: z.string().optional(), configuration: configuration.optional() }) },
    async ({ id, body }, context) => {
      const actor = context.store.actor(kind, id(idField));
      const changes = { name: body.name, configuration: body.configuration && withoutType(body.configuration) };
      await patchActor(actor, changes, context);
      return toActorRead(actor, context);
    },
  );

  const put = definePublicCall(
    { body: z.looseObject({ name: z.string(), configuration }) },
    async ({ id, body }, context) => {
      const actor = context.store.actor(kind, id(idField));
      await replaceActor(actor, { name: body.name, configuration: withoutType(body.configuration) }, context);
      return toActorRead(actor, context);
    },
  );

  const remove = definePublicCall({}, ({ id }, { store }) => {
    deleteActor(store.actor(kind, id(idField)));
    return undefined;
  });

  return { all: { GET: list, POST: create }, one: { GET: get, PATCH: patch, PUT: put, DELETE: remove } };
}

/** The configuration may name a connector by its type instead of by its id. @throws Problem */
function definitionOfType(kind: ActorKind, type: unknown, { definitions }: ApiContext): string {
  if (type === undefined) throw new Problem('unprocessable-entity');
  const found = definitions.list(kind).find((definition) => type !== '' && typeName(definition) === type);
  if (found === undefined) throw new Problem('value-not-found', { value: String(type) });
  return found.definitionId;
}

async function toActorRead(actor: Actor, context: ApiContext): Promise<object> {
  const { kind, actorId, name, definitionId, workspaceId, createdAt } = actor;
  const read = {
    [`${kind}Id`]: actorId,
    name,
    [`${kind}Type`]: typeName(definitionOf(actor, context)),
    definitionId,
    workspaceId,
    configuration: await maskedConfiguration(actor, context),
    createdAt,
  };
  return context.behaviour.fieldsOf(read, { definitionId: { since: '1.6.0' }, createdAt: { since: '1.6.0' } });
}
