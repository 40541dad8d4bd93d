/** The streams of a sync: it completes their fields, selects fields, and renames the streams for the destination. */
import {
  type ConfiguredCatalog,
  type ConnectorConfiguration,
  ConnectorError,
  type ProtocolStream,
  type SourceConnector,
  type StreamDescriptor,
} from '../../connectors/protocol';
import { namespaceOf, streamTitle } from '../../connectors/stream-state';
import { OriginatedError, withOrigin } from './replication-failure';

/**
 * Completes streams that have a name only, as in a connection that was created without a discovery. A table needs the
 * types of its fields, so this discovers them.
 *
 * @throws OriginatedError of the source, if it has no such stream or its discovery fails
 */
export async function completeCatalog(
  catalog: ConfiguredCatalog,
  source: SourceConnector,
  config: ConnectorConfiguration,
  signal: AbortSignal,
): Promise<ConfiguredCatalog> {
  if (catalog.streams.every(({ stream }) => hasFields(stream))) return catalog;
  const discovered = await withOrigin('source', () => source.discover(config, signal));
  return {
    streams: catalog.streams.map((configured) => {
      const { stream } = configured;
      if (hasFields(stream)) return configured;
      const found = discovered.filter(
        (each) => each.name === stream.name && (stream.namespace ?? each.namespace) === each.namespace,
      );
      const [match] = found;
      if (!match || found.length > 1) {
        const reason = match
          ? `exists in more than one namespace; configure one of them`
          : `does not exist at the source`;
        const message = `the stream ${streamTitle(stream)} ${reason}`;
        throw new OriginatedError('source', new ConnectorError(message, 'config_error'));
      }
      return { ...configured, stream: match };
    }),
  };
}

function hasFields(stream: ProtocolStream): boolean {
  return Object.keys((stream.json_schema?.['properties'] as object | undefined) ?? {}).length > 0;
}

/** A stream with only these of its fields. */
export function withFields(stream: ProtocolStream, fields: readonly string[]): ProtocolStream {
  const properties = pickFields(fields, (stream.json_schema['properties'] ?? {}) as Record<string, unknown>);
  return { ...stream, json_schema: { ...stream.json_schema, properties } };
}

/** The fields of an object that have these names, in their own order. */
export function pickFields(fields: readonly string[], object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => fields.includes(name)));
}

/** The catalog with the destination's stream names. */
export function renamedCatalog(
  { streams }: ConfiguredCatalog,
  rename: (stream: StreamDescriptor) => StreamDescriptor,
): ConfiguredCatalog {
  return {
    streams: streams.map((each) => {
      const { name: _name, namespace: _namespace, ...rest } = each.stream;
      return { ...each, stream: { ...rest, ...rename(each.stream) } };
    }),
  };
}

/** The fields of a connection that decide on the names. */
export interface NamespaceOptions {
  /** `source`: the source's namespace; `destination`: the destination's default; `customformat`: `namespaceFormat`. */
  namespaceDefinition?: string;
  /** `${SOURCE_NAMESPACE}` in this text is replaced by the source's namespace. */
  namespaceFormat?: string;
  /** A prefix for every stream's name. */
  prefix?: string;
}

/** Returns the function that maps a stream to its name at the destination. */
export function createNaming(options: NamespaceOptions = {}): (stream: StreamDescriptor) => StreamDescriptor {
  const { namespaceDefinition = 'source', namespaceFormat = '', prefix = '' } = options;
  return ({ name, namespace }) => {
    const renamed = { name: prefix + name };
    switch (namespaceDefinition) {
      case 'destination':
        return renamed;
      case 'customformat': {
        const formatted = namespaceFormat.replaceAll('${SOURCE_NAMESPACE}', namespace ?? '');
        return formatted === '' ? renamed : { ...renamed, namespace: formatted };
      }
      default:
        return { ...renamed, ...namespaceOf({ namespace }) };
    }
  };
}
