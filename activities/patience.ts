/** How long Airbyte, and what stands between, is given. Shorter in tests. */
export interface Patience {
  /** What Airbyte takes to start a job at most, in milliseconds. */
  startsWithinMs: number;
  /** How long a response that a gateway may have given fails nothing, in milliseconds. */
  passesWithinMs: number;
  /** The same for one that looks like Airbyte's own: a 401, or that there is no such object. */
  ownPassesWithinMs: number;
  /** The pauses before a check or a discovery that broke is run again, in milliseconds. */
  repeatsJobsAfterMs: readonly number[];
}

export const PATIENCE: Patience = {
  startsWithinMs: 130_000,
  passesWithinMs: 120_000,
  ownPassesWithinMs: 2_500,
  repeatsJobsAfterMs: [5_000, 20_000],
};
