import { type CountsPatience, UNTIL_COUNTED } from '../../src/jobs/late-counts';

/** As a worker waits for the counts of a job that has failed, a hundred times as fast. */
export const QUICK_COUNTS: CountsPatience = {
  ...UNTIL_COUNTED,
  pausesMs: UNTIL_COUNTED.pausesMs.map((pauseMs) => pauseMs / 100),
};
