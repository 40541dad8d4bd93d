/** How a stream of the source is called at the destination. */
import type { StreamDescriptor } from '../../connectors/protocol';
import { namespaceOf } from '../../connectors/stream-state';

/** The fields of a connection that decide it. */
export interface NamespaceOptions {
  /** `source`: the source's own; `destination`: the destination's default; `customformat`: `namespaceFormat`. */
  namespaceDefinition?: string;
  /** Where it says `${SOURCE_NAMESPACE}`, the source's namespace stands. */
  namespaceFormat?: string;
  /** Comes before the name of every stream. */
  prefix?: string;
}

/** Makes the function that gives a stream its name at the destination. */
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
