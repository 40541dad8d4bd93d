import { activityInfo, cancellationSignal, getClient, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { StartableJobType } from '../src/contract/job-types';
import type { AbandonedTrigger, TriggeredSync, TriggerInput, TriggerRequest } from '../src/contract/trigger';
import { findJobBeforeReset } from '../src/jobs/job-before-reset';
import { findJobSince, mayBeStartedByTrigger, newestJob, pollUntilFound, toJobSnapshot } from '../src/jobs/job-search';
import { JobStarter } from '../src/jobs/job-starter';
import type { SyncSlots } from '../src/jobs/sync-slots';
import { LOST_RESPONSE_WAIT_MS } from '../src/jobs/trigger-outcomes';
import { findFormerTrigger } from '../src/temporal/former-triggers';
import type { ActivityDependencies } from './dependencies';
import { triggerPorts } from './trigger-ports';

/** @param slots each started job takes one of them */
export function syncActivities(
  { airbyte, waits, onJobAdopted }: Pick<ActivityDependencies, 'airbyte' | 'waits' | 'onJobAdopted'>,
  slots: SyncSlots,
  timings: AirbyteTimings,
) {
  const starter = new JobStarter(airbyte, slots, timings);
  /** Adds what this worker does with a wait for the job. */
  const toWaitFor = <Job extends JobSnapshot>(job: Job): Job => (waits ? { ...job, waitsAreTakenOver: true } : job);
  return {
    /**
     * The newest job of a connection, of whatever kind, or null. The workflow records it before a trigger, and searches later
     * for newer jobs if the trigger's response is lost. It also shows which job runs: Airbyte rejects a sync while another job
     * runs, but a reset or clear cancels that job.
     */
    async findLastJob({ connectionId, jobType }: Omit<TriggerInput, 'lastJobId'>): Promise<JobSnapshot | null> {
      const job = await newestJob(airbyte, connectionId, { signal: cancellationSignal() });
      return job ? toWaitFor(toJobSnapshot(airbyte, job, jobType)) : null;
    },

    /**
     * Starts a job on a connection, exactly one however often the activity is retried; see {@link JobStarter}.
     *
     * @throws ApplicationFailure of type `AirbyteConflict` (the connection is not active; or, retryable, Airbyte rejects the
     *   request and no job runs), `AirbyteSyncTimedOut` (the timeout came before the request was sent), and the client's own
     *   types; CancelledFailure when it was cancelled before. If no attempt has started anything, the details say so
     *   ({@link NothingStarted}).
     */
    async triggerSync(request: TriggerRequest): Promise<TriggeredSync> {
      const { started, job } = await starter.start(request, triggerPorts({ waits, onJobAdopted }));
      return { started, job: toWaitFor(job) };
    },

    /**
     * The job that an abandoned trigger has started, or null when none appears. It waits for a while, since a request that was
     * in flight may take effect later. The workflow cancels the job, so it is never a reset or refresh that the sync has become:
     * another caller has requested that.
     */
    async findTriggeredJob({ underWay = false, ...input }: AbandonedTrigger): Promise<JobSnapshot | null> {
      const poll = () => findJobSince(airbyte, input, mayBeStartedByTrigger);
      const job = await pollUntilFound(underWay ? timings.jobStartTimeoutMs : LOST_RESPONSE_WAIT_MS, poll);
      return job ? toWaitFor(toJobSnapshot(airbyte, job, input.jobType)) : null;
    },

    /** The job that a sync has started before its workflow was reset, or null if it cannot continue with one. */
    async findFormerJob(input: { connectionId: string; jobType: StartableJobType }): Promise<JobSnapshot | null> {
      const { connectionId, jobType } = input;
      const { workflowExecution } = activityInfo();
      const trigger = workflowExecution && (await findFormerTrigger(getClient(), workflowExecution));
      const job = trigger && (await findJobBeforeReset(airbyte, connectionId, trigger, timings));
      if (!job) return null;
      log.info(`Job ${job.jobId} was started by this sync before it was reset`, { connectionId, status: job.status });
      return toWaitFor(toJobSnapshot(airbyte, job, jobType));
    },
  };
}
