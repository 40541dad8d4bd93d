/** A request to Airbyte that has ended. */
export interface EndedRequest {
  /** The endpoint, from a fixed set: `jobs/list`, `GET jobs/{id}`. */
  endpoint: string;
  /** The status of the response; without one, whether the caller has aborted the request. */
  status: number | 'no response' | 'aborted';
  /** From when the rate limit let the request go, in milliseconds. */
  durationMs: number;
}

/** Learns what a client does, for instance to count it. Its methods must not throw. */
export interface AirbyteClientObserver {
  /** A request has ended, also one that failed. */
  onRequest(request: EndedRequest): void;
  /** A request had to wait for the rate limit, or because Airbyte was overloaded. */
  onRateLimitWait(waitedMs: number): void;
  /** The client has requested a token for its client credentials. */
  onTokenRefresh(hasSucceeded: boolean): void;
}
