import { activityInfo } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import type { AppliedSchedule } from '../src/contract/applied-schedule';
import { report } from './heartbeat';

/**
 * What an attempt to set something up leaves for the next one, in its heartbeat: its changes show in Airbyte and Temporal,
 * but not that this activity has made them.
 */
export interface AttemptedChanges {
  /** A request to create it was sent, and may have had its effect. */
  creating?: boolean;
  /** The fields that an update was sent for. */
  updated?: string[];
  /** Airbyte itself starts a sync on account of them. */
  airbyteSyncs?: boolean;
  /** The Temporal schedule that was to be deleted. */
  removedSchedule?: string;
  /** What was to become of the Temporal schedule. */
  schedule?: AppliedSchedule;
}

/** What the attempts before this one have left. */
export function changesOfEarlierAttempts(): AttemptedChanges {
  return (activityInfo().heartbeatDetails as AttemptedChanges | undefined) ?? {};
}

/** Sends a request that creates something. An attempt after it that finds it there knows from {@link changesOfEarlierAttempts} whose it is. */
export async function creating<T>(request: () => Promise<T>): Promise<T> {
  report({ creating: true } satisfies AttemptedChanges);
  try {
    return await request();
  } catch (error) {
    if (error instanceof AirbyteError && error.effect === 'none') report({} satisfies AttemptedChanges);
    throw error;
  }
}
