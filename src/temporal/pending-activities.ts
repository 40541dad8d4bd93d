/** Reads the pending activities of a description, which the client of Temporal leaves encoded. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { decodePayloads, passThroughCodecs } from './running-workflow';

export type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** The activity that waits for a job. */
export const WAIT_ACTIVITY = 'waitForJob';

/** Values of `temporal.api.enums.v1.PendingActivityState`. */
export const ACTIVITY_STATE = { scheduled: 1, started: 2, cancelRequested: 3, paused: 4, pauseRequested: 5 } as const;

type Failure = NonNullable<PendingActivity['lastFailure']>;

/** Decodes the heartbeats of pending activities, and the messages of their failures. */
export function decodePendingActivities(
  client: Client,
  activities: readonly PendingActivity[],
): Promise<PendingActivity[]> {
  return Promise.all(
    activities.map(async ({ heartbeatDetails, lastFailure, ...activity }) => ({
      ...activity,
      ...(heartbeatDetails && {
        heartbeatDetails: { payloads: await passThroughCodecs(client, heartbeatDetails.payloads) },
      }),
      ...(lastFailure && { lastFailure: await decodeMessages(client, lastFailure) }),
    })),
  );
}

/** An encrypted failure has its message in `encodedAttributes`, where the SDK puts it. */
async function decodeMessages(client: Client, failure: Failure): Promise<Failure> {
  const { encodedAttributes, cause } = failure;
  const [attributes] = await decodePayloads(client, encodedAttributes ? [encodedAttributes] : []);
  const message = (attributes as { message?: unknown } | undefined)?.message;
  return {
    ...failure,
    ...(typeof message === 'string' && { message }),
    ...(cause && { cause: await decodeMessages(client, cause) }),
  };
}
