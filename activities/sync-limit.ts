import { cancellationSignal, log } from '@temporalio/activity';
import { SyncPlaces } from '../src/jobs/sync-places';
import type { jobActivities } from './jobs';
import type { syncActivities } from './syncs';

type LimitedActivities = Pick<ReturnType<typeof syncActivities>, 'triggerSync'> &
  Pick<ReturnType<typeof jobActivities>, 'waitForJob'>;

/** Lets a process have so many syncs at once: what starts a job or waits for one waits for a place first. */
export function limitSyncs({ triggerSync, waitForJob }: LimitedActivities, maximum: number): LimitedActivities {
  const places = new SyncPlaces(maximum);
  const onQueued = () =>
    log.info(`Waits for a place: this worker has its ${maximum} syncs at once (AIRBYTE_MAX_CONCURRENT_SYNCS)`);
  const options = () => ({ signal: cancellationSignal(), onQueued });
  return {
    triggerSync: (input) => places.whileStarting(() => triggerSync(input), options()),
    waitForJob: (input) => places.whileWaiting(input.jobId, () => waitForJob(input), options()),
  };
}
