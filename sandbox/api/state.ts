import { z } from 'zod';
import type { StatePayload, StreamState } from '../connectors/protocol';
import { SyncIsRunningError } from '../state/errors';
import { isTerminal } from '../state/job';
import type { Connection } from '../state/resources';
import { type ApiCalls, defineCall, uuid } from './call';

const streamState = z.looseObject({
  streamDescriptor: z.looseObject({ name: z.string(), namespace: z.string().nullish() }),
  streamState: z.record(z.string(), z.unknown()).nullish(),
});

const update = z.looseObject({
  connectionId: uuid,
  connectionState: z.looseObject({
    stateType: z.enum(['global', 'stream', 'legacy', 'not_set']),
    state: z.record(z.string(), z.unknown()).nullish(),
    streamState: z.array(streamState).nullish(),
    globalState: z
      .looseObject({
        shared_state: z.record(z.string(), z.unknown()).nullish(),
        streamStates: z.array(streamState).nullish(),
      })
      .nullish(),
  }),
});

type StateRequest = z.output<typeof update>['connectionState'];

/** `state/…`: where a connection's next sync continues. */
export const stateCalls: ApiCalls = {
  'state/get': defineCall(z.looseObject({ connectionId: uuid }), ({ connectionId }, { store }) =>
    toRead(store.connection(connectionId)),
  ),

  'state/create_or_update': defineCall(update, ({ connectionId, connectionState }, { store }) =>
    replaceState(store.connection(connectionId), connectionState),
  ),

  'state/create_or_update_safe': defineCall(update, ({ connectionId, connectionState }, { store }) => {
    const connection = store.connection(connectionId);
    const last = connection.jobs.at(-1);
    if (last !== undefined && !isTerminal(last)) throw new SyncIsRunningError();
    return replaceState(connection, connectionState);
  }),
};

function replaceState(connection: Connection, request: StateRequest): object {
  connection.state = toPayloads(request);
  return toRead(connection);
}

function toPayloads({ stateType, state, streamState: streams, globalState }: StateRequest): StatePayload[] {
  switch (stateType) {
    case 'stream':
      return (streams ?? []).map((stream) => ({ type: 'STREAM', stream: toProtocol(stream) }));
    case 'global': {
      const { shared_state, streamStates } = globalState ?? {};
      const global = { ...(shared_state && { shared_state }), stream_states: (streamStates ?? []).map(toProtocol) };
      return [{ type: 'GLOBAL', global }];
    }
    case 'legacy':
      return [{ type: 'LEGACY', data: state ?? {} }];
    case 'not_set':
      return [];
  }
}

function toProtocol({ streamDescriptor, streamState: state }: z.output<typeof streamState>): StreamState['stream'] {
  const { name, namespace } = streamDescriptor;
  return { stream_descriptor: { name, ...(namespace && { namespace }) }, ...(state && { stream_state: state }) };
}

function toRead({ connectionId, state }: Connection): object {
  const last = state.at(-1);
  if (last === undefined) return { connectionId, stateType: 'not_set' };
  if (last.type === 'GLOBAL') {
    const { shared_state, stream_states } = last.global;
    const shared = shared_state === undefined ? {} : { shared_state };
    const streamStates = stream_states.map(toStreamRead);
    return { connectionId, stateType: 'global', globalState: { ...shared, streamStates } };
  }
  if (last.type === 'STREAM') {
    const streams = state.flatMap((payload) => (payload.type === 'STREAM' ? [toStreamRead(payload.stream)] : []));
    return { connectionId, stateType: 'stream', streamState: streams };
  }
  return { connectionId, stateType: 'legacy', state: last.data };
}

function toStreamRead({ stream_descriptor, stream_state }: StreamState['stream']): object {
  return { streamDescriptor: stream_descriptor, streamState: stream_state ?? {} };
}
