import { z } from 'zod';
import type { StreamState } from '../connectors/protocol';
import { type ApiCalls, defineCall, uuid } from './call';

/** `state/get`: where the next sync of a connection goes on. */
export const stateCalls: ApiCalls = {
  'state/get': defineCall(z.looseObject({ connectionId: uuid }), ({ connectionId }, { store }) => {
    const { state } = store.connection(connectionId);
    const last = state.at(-1);
    if (last === undefined) return { connectionId, stateType: 'not_set' };
    if (last.type === 'GLOBAL') {
      const { shared_state, stream_states } = last.global;
      const shared = shared_state === undefined ? {} : { shared_state };
      return { connectionId, stateType: 'global', globalState: { ...shared, streamStates: stream_states.map(toRead) } };
    }
    if (last.type === 'STREAM') {
      const streams = state.flatMap((payload) => (payload.type === 'STREAM' ? [toRead(payload.stream)] : []));
      return { connectionId, stateType: 'stream', streamState: streams };
    }
    return { connectionId, stateType: 'legacy', state: last.data };
  }),
};

function toRead({ stream_descriptor, stream_state }: StreamState['stream']): object {
  return { streamDescriptor: stream_descriptor, streamState: stream_state ?? {} };
}
