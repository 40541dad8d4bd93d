import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { assertFulfils } from '../configuration-check';
import { keepMaskedSecrets, maskSecrets } from '../secret-masking';
import { type Actor, type ActorKind, nowInSeconds, type Store } from '../store';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { failedJob, type SynchronousJob, succeededJob } from './synchronous-jobs';

const configuration = z.record(z.string(), z.unknown());
const PAGE_SIZE = 20;

/** The body that names one actor: `{ sourceId }` or `{ destinationId }`. */
export function actorIdBody(kind: ActorKind) {
  const field = `${kind}Id`;
  return z.looseObject({ [field]: uuid }).transform((body) => ({ ...body, actorId: String(body[field]) }));
}

/** What sources and destinations have in common: create, list, get, update, delete and check. */
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
    [`${plural}/create`]: defineCall(create, async (request, context) => {
      const workspace = context.store.workspace(request.workspaceId);
      const definition = context.definitions.get(kind, request.definitionId);
      assertFulfils(request.configuration, await context.definitions.specification(definition));
      const actor: Actor = {
        kind,
        actorId: randomUUID(),
        definitionId: definition.definitionId,
        workspaceId: workspace.workspaceId,
        name: request.name,
        configuration: request.configuration,
        createdAt: nowInSeconds(),
        deleted: false,
      };
      context.store.actors.set(actor.actorId, actor);
      return toRead(actor, context);
    }),

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
        if (!context.behaviour.pagesActors) return { [plural]: await toReads(all, context) };
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
      const specification = await context.definitions.specification(context.definitions.get(kind, actor.definitionId));
      const updated = keepMaskedSecrets(connectionConfiguration, actor.configuration, specification);
      assertFulfils(updated, specification);
      actor.name = name;
      actor.configuration = updated;
      return toRead(actor, context);
    }),

    [`${plural}/delete`]: defineCall(actorIdBody(kind), ({ actorId }, { store }) => {
      const actor = store.actor(kind, actorId);
      for (const connection of store.connectionsOf(actor)) connection.status = 'deprecated';
      actor.deleted = true;
      return undefined;
    }),

    [`${plural}/check_connection`]: defineCall(actorIdBody(kind), async ({ actorId }, context) => {
      const actor = context.store.actor(kind, actorId);
      const { connector } = context.definitions.get(kind, actor.definitionId);
      const job: SynchronousJob = {
        id: randomUUID(),
        configType: `check_connection_${kind}`,
        configId: actorId,
        startedAt: Date.now(),
      };
      try {
        const { status, message } = await connector.check(actor.configuration, context.signal);
        const reason = message === undefined ? {} : { message };
        return { status: status === 'SUCCEEDED' ? 'succeeded' : 'failed', ...reason, jobInfo: succeededJob(job) };
      } catch (error) {
        // No status at all is how Airbyte says that the check itself broke.
        return { jobInfo: failedJob(job, error) };
      }
    }),
  };
}

/** By name, as Airbyte sorts them; those of one name by age. */
function actorsOf(store: Store, kind: ActorKind, workspaceId: string): Actor[] {
  return [...store.actors.values()]
    .filter((actor) => actor.kind === kind && actor.workspaceId === workspaceId && !actor.deleted)
    .sort((one, other) => one.name.localeCompare(other.name));
}

async function toReads(actors: Actor[], context: ApiContext): Promise<object[]> {
  return Promise.all(actors.map((actor) => toRead(actor, context)));
}

async function toRead(actor: Actor, { store, definitions }: ApiContext): Promise<object> {
  const { kind, actorId, definitionId, workspaceId, name, configuration, createdAt } = actor;
  const definition = definitions.get(kind, definitionId);
  const connections = store.connectionsOf(actor);
  return {
    [`${kind}Id`]: actorId,
    [`${kind}DefinitionId`]: definitionId,
    workspaceId,
    connectionConfiguration: maskSecrets(configuration, await definitions.specification(definition)),
    name,
    [`${kind}Name`]: definition.name,
    isVersionOverrideApplied: false,
    isEntitled: true,
    supportState: 'supported',
    status: connections.some(({ status }) => status === 'active') ? 'active' : 'inactive',
    createdAt,
    numConnections: connections.length,
  };
}
