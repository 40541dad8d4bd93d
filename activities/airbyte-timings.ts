/** How long Airbyte, and what stands between, is given. Shorter in tests. */
export interface AirbyteTimings {
  /** What Airbyte takes to start a job at most, in milliseconds. */
  jobStartTimeoutMs: number;
  /** How long a response that a gateway may have given fails nothing, in milliseconds. */
  gatewayErrorTimeoutMs: number;
  /** The same for one that looks like Airbyte's own: a 401, or that there is no such object. */
  airbyteErrorTimeoutMs: number;
  /** The pauses before a check or a discovery that broke is run again, in milliseconds. */
  jobRetryDelaysMs: readonly number[];
}

export const DEFAULT_TIMINGS: AirbyteTimings = {
  jobStartTimeoutMs: 130_000,
  gatewayErrorTimeoutMs: 120_000,
  airbyteErrorTimeoutMs: 2_500,
  jobRetryDelaysMs: [5_000, 20_000],
};
