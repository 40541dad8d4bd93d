/** A request to Airbyte that is about to be sent. */
export interface TracedRequest {
  method: string;
  /** The whole address, without its query. It has no credentials. */
  url: string;
  /** The endpoint, from a fixed set: `jobs/list`, `GET jobs/{id}`. */
  endpoint: string;
}

/** Records each request of a client as a span of a trace. Its methods must not throw. */
export interface RequestTracer {
  /** Called in the asynchronous context of the call that the request belongs to, once the rate limit has let it go. */
  begin(request: TracedRequest): RequestSpan;
}

/** One request in a trace. */
export interface RequestSpan {
  /** Headers to send, so that the trace continues in Airbyte. */
  headers: Readonly<Record<string, string>>;
  /** The request has ended: with the status of a response, or without a response because of an error of this type. */
  end(outcome: { status: number } | { errorType: string }): void;
}
