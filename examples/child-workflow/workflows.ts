import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import { executeSyncChild } from 'temporal-airbyte/workflows';

export interface ReportInput {
  connectionId: string;
  /** Where the workers of temporal-airbyte take their work from. */
  airbyteTaskQueue: string;
}

export interface Report {
  /** False for a report of yesterday's rows. */
  fresh: boolean;
  /** Null where Airbyte has not measured them. */
  newRecords: number | null;
  /** Airbyte's own words for why nothing is new. */
  reason?: string;
}

/** Cancelled, it cancels the job in Airbyte, and ends once that has. */
export async function refreshReport({ connectionId, airbyteTaskQueue }: ReportInput): Promise<Report> {
  try {
    const { recordsSynced } = await executeSyncChild({ connectionId, timeout: '30m' }, { taskQueue: airbyteTaskQueue });
    return { fresh: true, newRecords: recordsSynced };
  } catch (error) {
    const reason = error instanceof ChildWorkflowFailure ? error.cause : undefined;
    // A job that fails is no reason to go without a report; whatever else goes wrong is.
    if (!(reason instanceof ApplicationFailure) || reason.type !== 'AirbyteSyncFailed') throw error;
    return { fresh: false, newRecords: 0, reason: reason.message };
  }
}
