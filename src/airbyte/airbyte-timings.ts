/** How long to wait for Airbyte, and for the gateways in front of it. Tests shorten these times. */
export interface AirbyteTimings {
  /** How long Airbyte may take to start a job, in milliseconds. */
  jobStartTimeoutMs: number;
  /** How long an error response that may come from a gateway is retried, in milliseconds. */
  gatewayErrorTimeoutMs: number;
  /**
   * How long an error response that looks like Airbyte's own is retried: a 401, or a missing object. In milliseconds.
   */
  airbyteErrorTimeoutMs: number;
  /** The pauses before a broken check or discovery is run again, in milliseconds. */
  jobRetryDelaysMs: readonly number[];
}

export const DEFAULT_TIMINGS: AirbyteTimings = {
  jobStartTimeoutMs: 130_000,
  gatewayErrorTimeoutMs: 120_000,
  airbyteErrorTimeoutMs: 2_500,
  jobRetryDelaysMs: [5_000, 20_000],
};
