import { CancellationScope, continueAsNew, patched, workflowInfo } from '@temporalio/workflow';
import type { SyncConnectionInput } from '../src/contract/sync-options';
import type { SyncProgress } from '../src/contract/sync-progress';
import { isObject } from '../src/text/json-object';
import { isContinuedRun, isHistoryLong } from './history-limit';
import type { syncConnection } from './sync-connection';

/** Where an earlier run of the same sync has left off, between two of its jobs. */
export interface CarriedSync {
  /** When the time of the whole sync is over; milliseconds since 1970. */
  deadline: number;
  progress: Pick<SyncProgress, 'attempt' | 'lastFailure' | 'connectionUrl'>;
}

/** The second argument, where an earlier run has handed it over and no caller has put it there. */
export function readCarried(carried: unknown): CarriedSync | undefined {
  if (!isContinuedRun()) return undefined;
  const isOurs = isObject(carried) && isObject(carried['progress']) && typeof carried['deadline'] === 'number';
  return isOurs ? (carried as unknown as CarriedSync) : undefined;
}

/**
 * Lets a sync whose history has become long, over thousands of attempts, go on in another run under the same id: Temporal
 * ends a workflow whose history is too long. Called where no job is waited for. Does nothing otherwise.
 */
export async function continueAsNewWhenHistoryIsLong(
  input: SyncConnectionInput,
  { attempt, lastFailure, connectionUrl }: SyncProgress,
  deadline: number,
): Promise<void> {
  if (!isHistoryLong(workflowInfo()) || CancellationScope.current().consideredCancelled) return;
  // Runs of versions before this one have gone on in the same history.
  if (!patched('sync-goes-on-in-another-run')) return;
  const progress = { attempt, ...(lastFailure && { lastFailure }), ...(connectionUrl && { connectionUrl }) };
  await continueAsNew<typeof syncConnection>(input, { deadline, progress } satisfies CarriedSync);
}
