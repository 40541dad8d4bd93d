import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { JobOutcome } from '../src/contract/job-outcome';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import { statusOf } from '../src/contract/sync-progress';

/** Makes a workflow findable by its connection, unless it already is. */
export function setConnectionAttribute(connectionId: string): void {
  if (workflowInfo().typedSearchAttributes.get(keys.connectionId) === connectionId) return;
  upsertSearchAttributes([{ key: keys.connectionId, value: connectionId }]);
}

/** Makes a workflow findable by its job and its connection, in one event of its history. */
export function setJobAttributes(connectionId: string, job: JobSnapshot): void {
  upsertSearchAttributes([
    { key: keys.connectionId, value: connectionId },
    { key: keys.jobId, value: String(job.jobId) },
    { key: keys.jobStatus, value: statusOf(job) },
  ]);
}

export function setOutcomeAttributes({ status, recordsSynced, bytesSynced }: JobOutcome): void {
  upsertSearchAttributes([
    { key: keys.jobStatus, value: status },
    ...countAttribute(keys.recordsSynced, recordsSynced),
    ...countAttribute(keys.bytesSynced, bytesSynced),
  ]);
}

/** A count that was not measured stays unset; the value that an earlier attempt has set is removed. */
function countAttribute(key: (typeof keys)['recordsSynced' | 'bytesSynced'], value: number | null) {
  if (value === null && workflowInfo().typedSearchAttributes.get(key) === undefined) return [];
  return [{ key, value }];
}
