import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  proxySinks,
  type Sinks,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInfo,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
  workflowInfo,
} from '@temporalio/workflow';
import { BEGUN_IN_WORKFLOW, TRACE_HEADER, type TraceContext, type WorkflowSpan } from '../src/contract/trace-context';
import { messageOf } from '../src/text/error-message';

/** Takes spans out of the sandbox of workflows. */
export interface TracingSinks extends Sinks {
  airbyteTracing: { export(span: WorkflowSpan): void };
}

const { airbyteTracing } = proxySinks<TracingSinks>();

/**
 * The interceptors of workflows in a traced worker: they continue a trace through a workflow to its activities and child workflows.
 *
 * They add no command, no yield and no random number, so each history replays with and without them. Unlike Temporal's
 * interceptors for OpenTelemetry they load no package: the sandbox would load it anew for each workflow.
 */
export function interceptors(): WorkflowInterceptors {
  const run = new TracedRun(workflowInfo());
  return { inbound: [run], outbound: [run] };
}

type Inbound = Required<WorkflowInboundCallsInterceptor>;
type Outbound = Required<WorkflowOutboundCallsInterceptor>;

class TracedRun implements WorkflowInboundCallsInterceptor, WorkflowOutboundCallsInterceptor {
  /** The run's id without hyphens. Ids of spans are made of it, so that a replay makes the same ones. */
  readonly #digits: string;
  #spans = 0;
  #parent: TraceContext | undefined;
  /** The span of the run itself. */
  #context: TraceContext;

  constructor({ runId }: WorkflowInfo) {
    this.#digits = runId.replaceAll('-', '');
    this.#context = this.#nextContext(undefined);
  }

  readonly execute: Inbound['execute'] = (input, next) => {
    this.#parent = readHeader(input.headers);
    if (this.#parent) this.#context = { ...this.#parent, spanId: this.#context.spanId };
    const end = this.#begin(`RunWorkflow:${workflowInfo().workflowType}`, this.#context, this.#parent);
    return observed(next(input), end);
  };

  readonly scheduleActivity: Outbound['scheduleActivity'] = (input, next) => {
    const context = this.#nextContext(this.#context);
    const end = this.#begin(`StartActivity:${input.activityType}`, context, this.#context);
    return observed(next({ ...input, headers: withHeader(input.headers, context) }), end);
  };

  readonly scheduleLocalActivity: Outbound['scheduleLocalActivity'] = (input, next) => {
    const context = this.#nextContext(this.#context);
    const end = this.#begin(`StartActivity:${input.activityType}`, context, this.#context);
    return observed(next({ ...input, headers: withHeader(input.headers, context) }), end);
  };

  readonly startChildWorkflowExecution: Outbound['startChildWorkflowExecution'] = (input, next) => {
    const context = this.#nextContext(this.#context);
    const end = this.#begin(`StartChildWorkflow:${input.workflowType}`, context, this.#context);
    const child = next({ ...input, headers: withHeader(input.headers, context) });
    void child.then(([started]) => {
      void observed(started, end);
    }, end);
    return child;
  };

  readonly continueAsNew: Outbound['continueAsNew'] = (input, next) =>
    next({ ...input, headers: withHeader(input.headers, this.#context) });

  readonly getLogAttributes: Outbound['getLogAttributes'] = (attributes, next) =>
    next({ ...attributes, trace_id: this.#context.traceId, span_id: this.#context.spanId });

  /** @returns a function that ends the span, with what it has failed with */
  #begin(name: string, context: TraceContext, parent: TraceContext | undefined): (error?: unknown) => void {
    if (!context.isSampled) return () => {};
    const startedAt = Date.now();
    return (error) => {
      const failed = error !== undefined && !(error instanceof ContinueAsNew);
      airbyteTracing.export({
        ...{ name, context, parent, startedAt, endedAt: Date.now() },
        error: failed ? messageOf(error) : undefined,
      });
    };
  }

  /** The context of one more span: of the same trace as its parent, or of a trace that begins here. */
  #nextContext(parent: TraceContext | undefined): TraceContext {
    const number = BigInt(`0x${this.#digits.slice(16)}`) + BigInt(this.#spans++);
    const spanId = BigInt.asUintN(64, number).toString(16).padStart(16, '0');
    return parent
      ? { ...parent, spanId }
      : {
          traceId: this.#digits,
          spanId,
          isSampled: true,
          traceState: `${BEGUN_IN_WORKFLOW.key}=${BEGUN_IN_WORKFLOW.value}`,
        };
  }
}

/** Calls `end` at the end of a promise, and returns the same promise: another one would delay what waits for it. */
function observed<T>(promise: Promise<T>, end: (error?: unknown) => void): Promise<T> {
  void promise.then(() => end(), end);
  return promise;
}

function readHeader(headers: Headers): TraceContext | undefined {
  const payload = headers[TRACE_HEADER];
  if (!payload) return undefined;
  const { traceparent, tracestate } = defaultPayloadConverter.fromPayload<Record<string, string | undefined>>(payload);
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, traceState: tracestate };
}

function withHeader(headers: Headers, { traceId, spanId, isSampled, traceState }: TraceContext): Headers {
  const traceparent = `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
  const carrier = { traceparent, ...(traceState && { tracestate: traceState }) };
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
}
