import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import { executeSyncChild } from 'temporal-airbyte/workflows';

export interface ReportInput {
  connectionId: string;
  /** The task queue of temporal-airbyte's workers. */
  airbyteTaskQueue: string;
}

export interface Report {
  /** False if the report has only the rows of the last sync that succeeded. */
  fresh: boolean;
  /** Null where Airbyte has not measured them. */
  newRecords: number | null;
  /** Airbyte's reason why there are no new rows. */
  reason?: string;
}

/** Syncs a connection for a report. When it is cancelled, it cancels the Airbyte job, and ends after the job has ended. */
export async function refreshReport({ connectionId, airbyteTaskQueue }: ReportInput): Promise<Report> {
  try {
    const { recordsSynced } = await executeSyncChild({ connectionId, timeout: '30m' }, { taskQueue: airbyteTaskQueue });
    return { fresh: true, newRecords: recordsSynced };
  } catch (error) {
    const reason = error instanceof ChildWorkflowFailure ? error.cause : undefined;
    // After a failed job the report is still useful, with its older rows. Any other failure fails this workflow.
    if (!(reason instanceof ApplicationFailure) || reason.type !== 'AirbyteSyncFailed') throw error;
    return { fresh: false, newRecords: 0, reason: reason.message };
  }
}
