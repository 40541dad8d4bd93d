import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ProtocolStream } from '../connectors/protocol';
import type { Actor, CatalogStream } from '../store';
import { actorCalls, actorIdBody } from './actors';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { failedJob, type SynchronousJob, succeededJob } from './synchronous-jobs';

const discovery = z
  .looseObject({ connectionId: uuid.optional(), disable_cache: z.boolean().optional() })
  .and(actorIdBody('source'));

/** `sources/…` */
export const sourceCalls: ApiCalls = {
  ...actorCalls('source'),

  'sources/discover_schema': defineCall(discovery, async ({ actorId, connectionId, disable_cache }, context) => {
    const source = context.store.actor('source', actorId);
    if (connectionId !== undefined) context.store.connection(connectionId);
    const job: SynchronousJob = {
      id: randomUUID(),
      configType: 'discover_schema',
      configId: actorId,
      startedAt: Date.now(),
    };
    try {
      const [catalogId, streams] = await discover(source, disable_cache === true, context);
      return { catalogId, catalog: { streams: streams.map(withDefaults) }, jobInfo: succeededJob(job) };
    } catch (error) {
      return { jobInfo: failedJob(job, error) };
    }
  }),
};

/** Asks the connector, unless the same configuration was discovered before and the cache will do. */
async function discover(
  source: Actor,
  disableCache: boolean,
  { store, definitions, signal }: ApiContext,
): Promise<[string, CatalogStream[]]> {
  const fingerprint = createHash('sha256').update(JSON.stringify(source.configuration)).digest('hex');
  if (!disableCache) {
    for (const [catalogId, known] of store.discoveries) {
      if (known.sourceId === source.actorId && known.fingerprint === fingerprint) return [catalogId, known.streams];
    }
  }
  const { connector } = definitions.get('source', source.definitionId);
  const streams = (await connector.discover(source.configuration, signal)).map(toCatalogStream);
  for (const [catalogId, known] of store.discoveries) {
    if (known.sourceId === source.actorId && known.fingerprint === fingerprint) store.discoveries.delete(catalogId);
  }
  const catalogId = randomUUID();
  store.discoveries.set(catalogId, { sourceId: source.actorId, fingerprint, streams });
  return [catalogId, streams];
}

function toCatalogStream(stream: ProtocolStream): CatalogStream {
  return {
    name: stream.name,
    ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
    jsonSchema: stream.json_schema,
    supportedSyncModes: stream.supported_sync_modes,
    ...(stream.source_defined_cursor === undefined ? {} : { sourceDefinedCursor: stream.source_defined_cursor }),
    defaultCursorField: stream.default_cursor_field ?? [],
    sourceDefinedPrimaryKey: stream.source_defined_primary_key ?? [],
  };
}

/** The configuration that Airbyte proposes with a discovered stream. */
function withDefaults(stream: CatalogStream): object {
  const incremental = stream.supportedSyncModes?.includes('incremental') === true;
  const config = {
    syncMode:
      stream.supportedSyncModes?.includes('full_refresh') === true || !incremental ? 'full_refresh' : 'incremental',
    cursorField: stream.defaultCursorField,
    destinationSyncMode: 'append',
    primaryKey: stream.sourceDefinedPrimaryKey,
    aliasName: stream.name.replace(/[^\w]+/g, '_'),
    selected: true,
    suggested: true,
  };
  return { stream, config };
}
