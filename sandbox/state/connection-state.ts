import type { StatePayload } from '../connectors/protocol';
import type { Catalog } from './resources';
import { type StreamName, sameStream } from './stream-name';

/**
 * The rest of a connection's state when some of its streams start anew. A legacy state does not distinguish streams, so
 * it is dropped as a fullRefresh if any stream starts anew.
 */
export function withoutState(state: readonly StatePayload[], streams: readonly StreamName[]): StatePayload[] {
  if (streams.length === 0) return [...state];
  const starts = (descriptor: StreamName) => streams.some((stream) => sameStream(stream, descriptor));
  return state.flatMap((payload): StatePayload[] => {
    if (payload.type === 'STREAM') return starts(payload.stream.stream_descriptor) ? [] : [payload];
    if (payload.type !== 'GLOBAL') return [];
    const left = payload.global.stream_states.filter(({ stream_descriptor }) => !starts(stream_descriptor));
    return left.length === 0 ? [] : [{ ...payload, global: { ...payload.global, stream_states: left } }];
  });
}

/**
 * The state that a sync of this catalog starts with, if the server drops the state of full-refresh streams. A source
 * that got such a state back might have nothing more to send, and the sync would empty the destination. A legacy state
 * does not distinguish streams, so it stays while one of the streams is incremental.
 */
export function withoutFullRefreshState(state: readonly StatePayload[], { streams }: Catalog): StatePayload[] {
  const fullRefresh = streams.filter(({ config }) => config.syncMode === 'full_refresh').map(({ stream }) => stream);
  if (fullRefresh.length === streams.length) return [];
  const isLegacy = state.some(({ type }) => type !== 'STREAM' && type !== 'GLOBAL');
  return isLegacy ? [...state] : withoutState(state, fullRefresh);
}
