import { z } from 'zod';
import type { ConnectorDefinition } from '../connectors/registry';
import { definitionOf } from '../state/actor-changes';
import { isTerminal } from '../state/job';
import type { Actor, Catalog, CatalogStream, Connection } from '../state/resources';
import { sameStream } from '../state/stream-name';
import { toRead as toActorRead } from './actors';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { catalogDiff } from './catalog-diff';
import { toRead as toConnectionRead } from './connections';
import { supportsRefreshes } from './definition-versions';
import { discover, withDefaults } from './discovery';
import { seconds } from './job-read';

const byId = z.looseObject({ connectionId: uuid, withRefreshedCatalog: z.boolean().optional() });

/**
 * `web_backend/connections/get`: everything that the UI shows about a connection. Other programs use it to read all of
 * that in one request.
 */
export const webBackendCalls: ApiCalls = {
  'web_backend/connections/get': defineCall(byId, async ({ connectionId, withRefreshedCatalog }, context) => {
    const connection = context.store.connection(connectionId);
    const source = context.store.actor('source', connection.sourceId);
    const refreshed = withRefreshedCatalog === true ? await discover(source, true, context) : undefined;
    return toRead(connection, source, refreshed?.streams, context);
  }),
};

async function toRead(
  connection: Connection,
  source: Actor,
  refreshed: readonly CatalogStream[] | undefined,
  context: ApiContext,
): Promise<object> {
  const { store, behaviour } = context;
  const destination = store.actor('destination', connection.destinationId);
  const {
    breakingChange,
    sourceCatalogId,
    created_at: createdAt,
    ...connectionRead
  } = toConnectionRead(connection, context);
  const last = connection.jobs.at(-1);
  const known = refreshed ?? store.discoveredStreams(connection.sourceId);
  const read = {
    ...connectionRead,
    createdAt,
    syncCatalog: wholeCatalog(connection.catalog, known),
    ...(sourceCatalogId === undefined ? {} : { catalogId: sourceCatalogId }),
    ...(refreshed === undefined ? {} : { catalogDiff: { transforms: catalogDiff(connection, refreshed).transforms } }),
    source: await toActorRead(source, context),
    destination: await toActorRead(destination, context),
    operations: store.operationsOf(connection),
    isSyncing: last !== undefined && !isTerminal(last),
    ...(last && { latestSyncJobCreatedAt: seconds(last.createdAtMs), latestSyncJobStatus: last.status }),
    schemaChange: breakingChange === true ? 'breaking' : 'no_change',
    notifySchemaChanges: connection.settings['notifySchemaChanges'] ?? false,
    notifySchemaChangesByEmail: connection.settings['notifySchemaChangesByEmail'] ?? false,
    sourceActorDefinitionVersion: toVersionRead(definitionOf(source, context), true, context),
    destinationActorDefinitionVersion: toVersionRead(
      definitionOf(destination, context),
      supportsRefreshes(destination.actorId, context),
      context,
    ),
    onDemandEnabled: connection.settings['onDemandEnabled'] ?? false,
  };
  return behaviour.fieldsOf(read, {
    sourceActorDefinitionVersion: { since: '1.0.0' },
    destinationActorDefinitionVersion: { since: '1.0.0' },
    createdAt: { since: '0.63.0' },
    onDemandEnabled: { since: '2026-08' },
  });
}

/** All streams of the source, including those that the connection does not have. */
function wholeCatalog(catalog: Catalog, known: readonly CatalogStream[]): Catalog {
  const others = known.filter((stream) => !has(catalog, stream)).map(withDefaults);
  const unselected = others.map(({ stream, config }) => ({ stream, config: { ...config, selected: false } }));
  return { streams: [...catalog.streams, ...unselected] };
}

function has({ streams }: Catalog, searched: CatalogStream): boolean {
  return streams.some(({ stream }) => sameStream(stream, searched));
}

function toVersionRead(
  { dockerRepository, dockerImageTag }: ConnectorDefinition,
  supportsRefreshes: boolean,
  { behaviour }: ApiContext,
): object {
  const read = {
    dockerRepository,
    dockerImageTag,
    supportsRefreshes,
    isVersionOverrideApplied: false,
    supportState: 'supported',
    supportsFileTransfer: false,
    supportsDataActivation: false,
  };
  return behaviour.fieldsOf(read, {
    supportsRefreshes: { since: '0.63.0' },
    isVersionOverrideApplied: { since: '0.63.0' },
    supportsFileTransfer: { since: '1.6.0' },
    supportsDataActivation: { since: '1.8.0' },
  });
}
