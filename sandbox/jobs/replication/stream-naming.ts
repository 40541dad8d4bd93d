/** How a source's stream is named at the destination. */
import type { StreamDescriptor } from '../../connectors/protocol';
import { namespaceOf } from '../../connectors/stream-state';

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
