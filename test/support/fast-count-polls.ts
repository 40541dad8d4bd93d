import { type CountsPatience, DEFAULT_COUNTS_PATIENCE } from '../../src/jobs/late-counts';

/** As a worker waits for the counts of a job that has failed, a hundred times as fast. */
export const FAST_COUNT_POLLS: CountsPatience = {
  ...DEFAULT_COUNTS_PATIENCE,
  pausesMs: DEFAULT_COUNTS_PATIENCE.pausesMs.map((pauseMs) => pauseMs / 100),
};
