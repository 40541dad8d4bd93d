/**
 * How long a call may take, in milliseconds, by the kind of work that it causes. Airbyte responds to triggers, checks,
 * discoveries and cancels only when that work is done.
 */
export const TIMEOUTS_MS = {
  read: 30_000,
  /** A whole log may have many megabytes. */
  logs: 120_000,
  write: 60_000,
  /** Under load, Airbyte takes up to 130 s to start a job. */
  trigger: 180_000,
  /** Airbyte responds to a cancel when the job has stopped. */
  cancel: 180_000,
  check: 300_000,
  discover: 600_000,
} as const;

export type CallKind = keyof typeof TIMEOUTS_MS;

export interface CallOptions {
  /** Aborts the call. A request that was already sent may still take effect. */
  signal?: AbortSignal | undefined;
  /** Aborts the call if its request was not sent yet. A request that was sent goes on to its end. */
  abortBeforeSend?: AbortSignal | undefined;
  /** Goes before the other calls that wait for the rate limit. Default: true for cancels. */
  first?: boolean | undefined;
  /**
   * Awaited once the rate limit lets the request go and its credentials are there: only the wait for a connection comes
   * after it. If it throws, the request is not sent, and the call throws the same.
   */
  beforeSent?: (() => Promise<void>) | undefined;
  /** Called right before the request is written to its connection. If it throws, the request is not sent either. */
  onSending?: (() => void) | undefined;
  /** Called when a response of any status has come, before the call resolves or throws. */
  onResponse?: ((timing: ResponseTiming) => void) | undefined;
}

/** When the response to a request came. */
export interface ResponseTiming {
  /** The time since the request went out, in milliseconds. */
  tookMs: number;
  /**
   * The time of the server (or its gateway) in the `Date` header, in milliseconds since 1970; undefined without that
   * header.
   */
  serverTimeMs: number | undefined;
}

/** A call and the server that it goes to, for messages. The base URL has no credentials in it. */
export interface CallSite {
  call: string;
  baseUrl: string;
}
