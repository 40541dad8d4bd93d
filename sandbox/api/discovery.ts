import { createHash, randomUUID } from 'node:crypto';
import type { ProtocolStream, SaveConfiguration, SourceConnector } from '../connectors/protocol';
import { configurationSaver } from '../state/actor-changes';
import type { Actor, Catalog, CatalogStream, Discovery } from '../state/resources';
import type { ApiContext } from './call';

/**
 * Discovers a source's streams, unless the cache may be used and holds a discovery with the same configuration.
 *
 * @throws ConnectorError and whatever else a connector throws
 */
export async function discover(
  source: Actor,
  disableCache: boolean,
  { store, definitions, signal }: ApiContext,
): Promise<Discovery> {
  const fingerprintNow = () => createHash('sha256').update(JSON.stringify(source.configuration)).digest('hex');
  const known = () => store.discoveries.get(source.actorId) ?? [];
  const cached = known().find((discovery) => discovery.fingerprint === fingerprintNow());
  if (cached !== undefined && !disableCache) return cached;
  const { connector } = definitions.get('source', source.definitionId);
  const save = configurationSaver(source, { definitions });
  const streams = await discoverStreams(connector, source.configuration, { signal }, save);
  // The source may have changed its configuration during the discovery.
  const fingerprint = fingerprintNow();
  const discovery = { catalogId: randomUUID(), fingerprint, streams };
  const others = known().filter((other) => other.fingerprint !== fingerprint);
  store.discoveries.set(source.actorId, [...others, discovery]);
  return discovery;
}

/**
 * Asks a connector for the streams of a configuration.
 *
 * @throws ConnectorError and whatever else a connector throws
 */
export async function discoverStreams(
  connector: SourceConnector,
  configuration: Record<string, unknown>,
  { signal }: Pick<ApiContext, 'signal'>,
  save?: SaveConfiguration,
): Promise<CatalogStream[]> {
  return (await connector.discover(configuration, signal, save)).map(toCatalogStream);
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

/** The stream configuration that Airbyte proposes for a discovered stream. */
export function withDefaults(stream: CatalogStream): Catalog['streams'][number] {
  const incremental = stream.supportedSyncModes?.includes('incremental') === true;
  const config = {
    syncMode:
      stream.supportedSyncModes?.includes('full_refresh') === true || !incremental ? 'full_refresh' : 'incremental',
    cursorField: stream.defaultCursorField ?? [],
    destinationSyncMode: 'append',
    primaryKey: stream.sourceDefinedPrimaryKey ?? [],
    aliasName: stream.name.replace(/[^\w]+/g, '_'),
    selected: true,
    suggested: true,
  };
  return { stream, config };
}
