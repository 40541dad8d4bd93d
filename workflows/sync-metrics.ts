import { metricMeter } from '@temporalio/workflow';
import { FAILURE_TYPES } from '../src/contract/failure-types';
import type { JobOutcome } from '../src/contract/job-outcome';
import type { StartableJobType } from '../src/contract/job-types';

/*
 * The metrics of syncs and of the jobs that they wait for. The SDK exports them with its own, by the labels of the worker, and
 * counts nothing during replay.
 *
 * Names have no `_total` and no unit: the exporter adds them. Labels have few values each: never an id, a name or a message.
 */

/** How a sync has ended, whatever the number of its jobs. */
export interface SyncEnd {
  outcome: 'succeeded' | 'failed' | 'cancelled' | 'skipped';
  /** The type of the failure of a sync that has failed. */
  failureType?: string;
  jobType: StartableJobType;
  /** Since the sync began, in milliseconds. */
  tookMs: number;
}

export function countSync({ outcome, failureType, jobType, tookMs }: SyncEnd): void {
  const labels = { outcome, job_type: jobType };
  const ended = metricMeter.createCounter('temporal_airbyte_syncs', '', 'Syncs that have ended, by outcome');
  ended.add(1, { ...labels, ...(failureType !== undefined && { failure_type: knownType(failureType) }) });
  const duration = metricMeter.createHistogram(
    'temporal_airbyte_sync_duration',
    'float',
    'seconds',
    'From the start of a sync to its end, its retries included',
  );
  duration.record(Math.max(0, tookMs) / 1_000, labels);
}

/** An unforeseen error may have any type. */
function knownType(failureType: string): string {
  return FAILURE_TYPES.find((known) => known === failureType) ?? 'other';
}

/** Counts what a job of a sync has moved, once Airbyte has ended it. */
export function countJob({ recordsSynced, bytesSynced, recordsRejected }: JobOutcome, jobType: StartableJobType): void {
  const labels = { job_type: jobType };
  const count = (name: string, value: number | null, description: string) =>
    metricMeter.createCounter(name, '', description).add(value ?? 0, labels);
  count('temporal_airbyte_synced_records', recordsSynced, 'Records that the jobs of syncs have committed');
  count('temporal_airbyte_synced_bytes', bytesSynced, 'Bytes that the jobs of syncs have committed');
  count('temporal_airbyte_rejected_records', recordsRejected, 'Records that destinations have rejected');
}

/** Counts a job in which nothing moved for the stall timeout. */
export function countStalled(jobType: StartableJobType): void {
  const description = 'Jobs of syncs in which nothing moved for the stall timeout';
  metricMeter.createCounter('temporal_airbyte_stalled_jobs', '', description).add(1, { job_type: jobType });
}

/**
 * Records how long after the end of its job a sync learned of it. The end is by Airbyte's clock, in whole seconds, and the rest
 * by Temporal's: clocks that differ show here.
 */
export function recordDetectionDelay({ status, endedAt }: JobOutcome): void {
  if (endedAt === null) return;
  const delay = metricMeter.createHistogram(
    'temporal_airbyte_detection_delay',
    'float',
    'seconds',
    'From the end of a job in Airbyte until its sync learned of it',
  );
  delay.record(Math.max(0, Date.now() - Date.parse(endedAt)) / 1_000, { status });
}

/** Counts a job that succeeded without a count of its records. */
export function countUnmeasured(jobType: StartableJobType, unmeasured: string): void {
  const description = 'Syncs that succeeded without a count of their records by Airbyte';
  metricMeter
    .createCounter('temporal_airbyte_unmeasured_syncs', undefined, description)
    .add(1, { job_type: jobType, unmeasured });
}
