import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { PlainAirbyte } from './plain-airbyte';

const { startSync, jobStatus } = proxyActivities<Pick<PlainAirbyte, 'startSync' | 'jobStatus'>>({
  startToCloseTimeout: '1 minute',
});

/** A sync as it is usually written for Temporal: start the job, then sleep and poll until it has ended. */
export async function plainSync(connectionId: string, pollIntervalMs: number): Promise<void> {
  const jobId = await startSync(connectionId);
  for (;;) {
    await sleep(pollIntervalMs);
    const status = await jobStatus(jobId);
    if (status === 'succeeded') return;
    if (status === 'failed' || status === 'cancelled') throw ApplicationFailure.nonRetryable(`Job ${jobId} ${status}`);
  }
}
