import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SaveConfiguration } from '../connectors/protocol';
import {
  type ActorConfiguration,
  configurationSaver,
  createActor,
  definitionOf,
  deleteActor,
  maskedConfiguration,
  replaceActor,
  updatedConfiguration,
} from '../state/actor-changes';
import { type Actor, type ActorKind, liveConnectionsOf } from '../state/resources';
import type { Store } from '../state/store';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { failedJob, type SynchronousJob, succeededJob } from './synchronous-jobs';

const configuration = z.record(z.string(), z.unknown());
const PAGE_SIZE = 20;

/** The body that identifies one actor: `{ sourceId }` or `{ destinationId }`. */
export function actorIdBody(kind: ActorKind) {
  const field = `${kind}Id`;
  return z.looseObject({ [field]: uuid }).transform((body) => ({ ...body, actorId: String(body[field]) }));
}

/** The body of a call about a configuration that is not saved: that of an actor to create, or of one to update. */
export function actorConfigurationBody(kind: ActorKind) {
  const [definitionField, idField] = [`${kind}DefinitionId`, `${kind}Id`];
  return z
    .looseObject({
      workspaceId: uuid,
      connectionConfiguration: configuration,
      [definitionField]: uuid,
      [idField]: uuid.optional(),
    })
    .transform((body) => ({
      workspaceId: String(body['workspaceId']),
      definitionId: String(body[definitionField]),
      configuration: body['connectionConfiguration'] as Record<string, unknown>,
      ...(body[idField] !== undefined && { actorId: String(body[idField]) }),
    }));
}

/** The calls that sources and destinations share: create, list, get, update, delete and check. */
export function actorCalls(kind: ActorKind): ApiCalls {
  const plural = `${kind}s`;
  const definitionField = `${kind}DefinitionId`;
  const create = z
    .looseObject({
      workspaceId: uuid,
      name: z.string(),
      connectionConfiguration: configuration,
      [definitionField]: uuid,
    })
    .transform((body) => ({
      workspaceId: String(body['workspaceId']),
      name: String(body['name']),
      definitionId: String(body[definitionField]),
      configuration: body['connectionConfiguration'] as Record<string, unknown>,
    }));
  const update = z.looseObject({ name: z.string(), connectionConfiguration: configuration }).and(actorIdBody(kind));

  return {
    [`${plural}/create`]: defineCall(create, async (request, context) =>
      toRead(await createActor(kind, request, context), context),
    ),

    [`${plural}/list`]: defineCall(
      z.looseObject({
        workspaceId: uuid,
        cursor: uuid.optional(),
        pageSize: z.int().min(1).optional(),
        sortKey: z.string().optional(),
        filters: z.looseObject({ searchTerm: z.string().nullish() }).optional(),
      }),
      async ({ workspaceId, cursor, pageSize, sortKey, filters }, context) => {
        const workspace = context.store.workspace(workspaceId);
        const term = filters?.searchTerm?.toLowerCase() ?? '';
        const all = actorsOf(context.store, kind, workspace.workspaceId).filter(({ name }) =>
          name.toLowerCase().includes(term),
        );
        if (!context.behaviour.has('actorPages')) return { [plural]: await toReads(all, context) };
        if (sortKey === 'actorName_desc') all.reverse();
        const start = cursor === undefined ? 0 : all.findIndex(({ actorId }) => actorId === cursor) + 1;
        const size = pageSize ?? PAGE_SIZE;
        const page = await toReads(all.slice(start, start + size), context);
        return { [plural]: page, num_connections: all.length, page_size: size };
      },
    ),

    [`${plural}/get`]: defineCall(actorIdBody(kind), ({ actorId }, context) =>
      toRead(context.store.actor(kind, actorId), context),
    ),

    [`${plural}/update`]: defineCall(update, async ({ actorId, name, connectionConfiguration }, context) => {
      const actor = context.store.actor(kind, actorId);
      await replaceActor(actor, { name, configuration: connectionConfiguration }, context);
      return toRead(actor, context);
    }),

    [`${plural}/delete`]: defineCall(actorIdBody(kind), ({ actorId }, { store }) => {
      deleteActor(store.actor(kind, actorId));
      return undefined;
    }),

    [`${plural}/check_connection`]: defineCall(actorIdBody(kind), ({ actorId }, context) => {
      const actor = context.store.actor(kind, actorId);
      return check(actor, configurationSaver(actor, context), context);
    }),

    [`${plural}/check_connection_for_update`]: defineCall(update, async (request, context) => {
      const actor = context.store.actor(kind, request.actorId);
      const configuration = await updatedConfiguration(actor, request.connectionConfiguration, context);
      return check({ ...actor, configuration }, undefined, context);
    }),

    [`scheduler/${plural}/check_connection`]: defineCall(actorConfigurationBody(kind), (request, context) => {
      context.store.workspace(request.workspaceId);
      return check({ kind, ...request }, undefined, context);
    }),
  };
}

/** Checks a configuration, whether it is saved or not, and responds as Airbyte does. */
async function check(
  actor: ActorConfiguration,
  save: SaveConfiguration | undefined,
  context: ApiContext,
): Promise<object> {
  const { kind, actorId, configuration: before } = actor;
  const { connector } = definitionOf(actor, context);
  const job: SynchronousJob = {
    id: randomUUID(),
    configType: `check_connection_${kind}`,
    ...(actorId !== undefined && { configId: actorId }),
    startedAt: Date.now(),
  };
  try {
    const { status, message } = await connector.check(before, context.signal, save);
    job.configurationUpdated = actor.configuration !== before;
    return {
      status: status === 'SUCCEEDED' ? 'succeeded' : 'failed',
      ...(message !== undefined && { message }),
      jobInfo: succeededJob(job, context),
    };
  } catch (error) {
    // As in Airbyte, a check that itself failed to run has no status at all.
    return { jobInfo: failedJob(job, error, context) };
  }
}

/** Sorts by name, as Airbyte does, and actors of the same name by age. */
function actorsOf(store: Store, kind: ActorKind, workspaceId: string): Actor[] {
  return [...store.actors.values()]
    .filter((actor) => actor.kind === kind && actor.workspaceId === workspaceId && !actor.deleted)
    .sort((one, other) => one.name.localeCompare(other.name));
}

async function toReads(actors: Actor[], context: ApiContext): Promise<object[]> {
  return Promise.all(actors.map((actor) => toRead(actor, context)));
}

/** An actor in the Config API's form. */
export async function toRead(actor: Actor, context: ApiContext): Promise<object> {
  const { kind, actorId, definitionId, workspaceId, name, createdAt } = actor;
  const connections = liveConnectionsOf(actor);
  const read = {
    [`${kind}Id`]: actorId,
    [`${kind}DefinitionId`]: definitionId,
    workspaceId,
    connectionConfiguration: await maskedConfiguration(actor, context),
    name,
    [`${kind}Name`]: definitionOf(actor, context).name,
    isVersionOverrideApplied: false,
    isEntitled: true,
    supportState: 'supported',
    status: connections.some(({ status }) => status === 'active') ? 'active' : 'inactive',
    createdAt,
    numConnections: connections.length,
  };
  return context.behaviour.fieldsOf(read, {
    isVersionOverrideApplied: { since: '0.63.0' },
    supportState: { since: '0.63.0' },
    status: { since: '0.63.0' },
    isEntitled: { since: '1.6.0' },
    createdAt: { since: '1.6.0' },
    numConnections: { since: '1.8.0' },
  });
}
