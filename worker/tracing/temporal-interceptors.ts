import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { ApplicationFailure, CompleteAsyncError, defaultPayloadConverter, type Headers } from '@temporalio/common';
import type {
  ActivityInterceptorsFactory,
  NexusInboundCallsInterceptor,
  NexusInterceptorsFactory,
} from '@temporalio/worker';
import { TRACE_HEADER } from '../../src/contract/trace-context';
import { parseSyncWorkflowId } from '../../src/contract/workflow-ids';
import { messageOf } from '../../src/text/error-message';
import { isObject } from '../../src/text/json-object';
import { PACKAGE_VERSION } from '../../src/text/package';
import { shorten } from '../../src/text/shorten';

/** The name of this program in traces. */
export const TRACER_NAME = 'temporal-airbyte';

/** Failures may quote long responses. */
const MESSAGE_LIMIT = 500;

/** The tracer that this process has registered, ours or that of the program that hosts the worker. */
export function tracer(): Tracer {
  return trace.getTracer(TRACER_NAME, PACKAGE_VERSION);
}

/** Records the starts of workflows, and passes the trace on to them. Queries and look-ups, which repeat each second, are not recorded. */
export function clientInterceptors(): WorkflowClientInterceptor[] {
  return [
    {
      startWithDetails: (input, next) =>
        inSpan(
          `StartWorkflow:${input.workflowType}`,
          async (span) => {
            const output = await next({ ...input, headers: withHeader(input.headers) });
            span.setAttribute('run_id', output.runId);
            return output;
          },
          { kind: SpanKind.CLIENT, attributes: attributesOfWorkflow(input.options.workflowId) },
        ),
    },
  ];
}

/**
 * Records each attempt of an activity as a part of the trace of its workflow, and names the trace in its log entries. The failures of
 * activities are masked already, because they go into the history.
 */
export const activityInterceptors: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute(input, next) {
      const { activityType, activityId, attempt, workflowExecution } = info;
      return inSpan(`RunActivity:${activityType}`, () => next(input), {
        parent: readHeader(input.headers),
        describesFailure: true,
        attributes: {
          ...{ temporalActivityId: activityId, temporalAttempt: attempt },
          ...(workflowExecution && attributesOfWorkflow(workflowExecution.workflowId)),
          ...(workflowExecution && { run_id: workflowExecution.runId }),
          ...attributesOfInput(input.args[0]),
        },
      });
    },
  },
  outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...currentTrace() }) },
});

/** Continues the trace of a Nexus caller, whose headers are plain ones. */
export const nexusInterceptors: NexusInterceptorsFactory = () => {
  const inbound: NexusInboundCallsInterceptor = {
    startOperation: (input, next) => {
      const { service, operation, headers } = input.ctx;
      return inSpan(`RunStartNexusOperation:${service}/${operation}`, () => next(input), {
        kind: SpanKind.SERVER,
        parent: propagation.extract(ROOT_CONTEXT, headers),
      });
    },
  };
  return { inbound };
};

interface SpanOptions {
  kind?: SpanKind;
  attributes?: Attributes;
  /** Default: the current span. */
  parent?: Context | undefined;
  /** Whether the span has the message of what `run` throws, which must contain no secret. Default: only its type. */
  describesFailure?: boolean;
}

/** Runs a function in a span, which ends with it and says why it has failed. */
export function inSpan<T>(name: string, run: (span: Span) => Promise<T>, options: SpanOptions = {}): Promise<T> {
  const { parent = context.active(), kind = SpanKind.INTERNAL, attributes = {}, describesFailure = false } = options;
  return tracer().startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      // The activity goes on, and completes later.
      if (!(error instanceof CompleteAsyncError)) recordFailure(span, error, describesFailure);
      throw error;
    } finally {
      span.end();
    }
  });
}

function recordFailure(span: Span, error: unknown, describesFailure: boolean): void {
  const type = error instanceof ApplicationFailure && error.type ? error.type : nameOf(error);
  span.setAttribute('error.type', type);
  const message = describesFailure ? { message: shorten(messageOf(error), MESSAGE_LIMIT) } : {};
  span.setStatus({ code: SpanStatusCode.ERROR, ...message });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** The ids by which a trace is found. The names of the first two are those of Temporal's own interceptors. */
function attributesOfWorkflow(workflowId: string): Attributes {
  const connectionId = parseSyncWorkflowId(workflowId)?.connectionId;
  return { temporalWorkflowId: workflowId, ...(connectionId && { 'airbyte.connection.id': connectionId }) };
}

function attributesOfInput(input: unknown): Attributes {
  if (!isObject(input)) return {};
  const { connectionId, jobId } = input;
  return {
    ...(typeof connectionId === 'string' && { 'airbyte.connection.id': connectionId }),
    ...(typeof jobId === 'number' && { 'airbyte.job.id': jobId }),
  };
}

function readHeader(headers: Headers): Context | undefined {
  const payload = headers[TRACE_HEADER];
  return payload && propagation.extract(ROOT_CONTEXT, defaultPayloadConverter.fromPayload<object>(payload));
}

function withHeader(headers: Headers): Headers {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
}

/** What log entries show of the current trace. */
function currentTrace(): Record<string, string> {
  const current = trace.getSpanContext(context.active());
  return current && isSpanContextValid(current) ? { trace_id: current.traceId, span_id: current.spanId } : {};
}
