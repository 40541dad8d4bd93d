/**
 * How long a call may take, in milliseconds, by what it makes Airbyte do. Triggers, checks, discoveries and cancels
 * answer only when the work behind them is done.
 */
export const TIMEOUTS_MS = {
  read: 30_000,
  write: 60_000,
  /** Starting a job takes Airbyte up to 130 s under load. */
  trigger: 180_000,
  /** Cancelling answers when the job has stopped. */
  cancel: 180_000,
  check: 300_000,
  discover: 600_000,
} as const;

export type CallKind = keyof typeof TIMEOUTS_MS;

export interface CallOptions {
  /** Gives the call up. What was sent by then may still take effect. */
  signal?: AbortSignal | undefined;
  /** Gives the call up as long as it was not sent: once it was, it goes on to its end. */
  abortBeforeSend?: AbortSignal | undefined;
  /** Goes before the other calls that wait for their turn, as cancels do anyway. */
  first?: boolean | undefined;
  /**
   * Awaited once the rate limit lets the request go and its credentials are there, so after every wait but that for a
   * connection. What it throws gives the request up, and the call throws that.
   */
  beforeSent?: (() => Promise<void>) | undefined;
  /** Called right before the request is written to its connection. What it throws gives the request up, too. */
  onSending?: (() => void) | undefined;
  /** Told when a response has come, whatever it says: before the call resolves or throws. */
  onResponse?: ((timing: ResponseTiming) => void) | undefined;
}

/** When a request was under way. */
export interface ResponseTiming {
  /** From the moment that the request went out, in milliseconds. */
  tookMs: number;
  /** The server's clock (or its gateway's) when it responded, in milliseconds since 1970, where it says: the `Date` header. */
  serverTimeMs: number | undefined;
}

/** Where a call went, for messages: the base has no credentials in it. */
export interface CallSite {
  call: string;
  baseUrl: string;
}
