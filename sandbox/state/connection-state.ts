import type { StatePayload } from '../connectors/protocol';
import type { Catalog } from './resources';
import { type StreamName, sameStream } from './stream-name';

/**
 * What is left of a connection's state when some of its streams start anew. A state that cannot be told apart by stream
 * (a legacy one) goes with the first of them.
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
 * The state that a sync of a catalog starts with, where the server drops what streams that are read whole remember: such
 * a source would otherwise have nothing more to send, and the destination would be emptied. A state that cannot be told
 * apart by stream stays while one of the streams is incremental.
 */
export function withoutFullRefreshState(state: readonly StatePayload[], { streams }: Catalog): StatePayload[] {
  const whole = streams.filter(({ config }) => config.syncMode === 'full_refresh').map(({ stream }) => stream);
  if (whole.length === streams.length) return [];
  const isLegacy = state.some(({ type }) => type !== 'STREAM' && type !== 'GLOBAL');
  return isLegacy ? [...state] : withoutState(state, whole);
}
