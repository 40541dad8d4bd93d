/** The header of Temporal's own interceptors for OpenTelemetry, so that a trace also continues from and to workers with those. */
export const TRACE_HEADER = '_tracer-data';

/**
 * The entry of `tracestate` that marks a trace which began in a workflow. A workflow cannot know whether such a trace is to be
 * recorded, so each worker decides by the id of the trace.
 */
export const BEGUN_IN_WORKFLOW = { key: 'temporal-airbyte', value: 'workflow' } as const;

/** A span as others refer to it: what OpenTelemetry passes on as `traceparent` and `tracestate`. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  isSampled: boolean;
  traceState?: string | undefined;
}

/** A span of a workflow that has ended. */
export interface WorkflowSpan {
  name: string;
  context: TraceContext;
  parent?: TraceContext | undefined;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  /** Why it has failed. */
  error?: string | undefined;
}
