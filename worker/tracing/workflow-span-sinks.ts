import {
  createTraceState,
  type HrTime,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { type ReadableSpan, type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { InjectedSinks } from '@temporalio/worker';
import type { TraceContext, WorkflowSpan } from '../../src/contract/trace-context';
import { parseSyncWorkflowId } from '../../src/contract/workflow-ids';
import { PACKAGE_VERSION } from '../../src/text/package';
import { shorten } from '../../src/text/shorten';
import type { TracingSinks } from '../../workflows/traced-run';
import { TRACER_NAME } from './temporal-interceptors';

export interface WorkflowSpanSinksOptions {
  processor: SpanProcessor;
  resource: Resource;
  sampler: Sampler;
}

/** Failures may quote long responses. */
const MESSAGE_LIMIT = 500;

/** Exports the spans of workflows. A replay exports none again, because the SDK drops what a sink receives during a replay. */
export function workflowSpanSinks({
  processor,
  resource,
  sampler,
}: WorkflowSpanSinksOptions): InjectedSinks<TracingSinks> {
  return {
    airbyteTracing: {
      export: {
        fn({ workflowId, runId }, span) {
          const connectionId = parseSyncWorkflowId(workflowId)?.connectionId;
          const attributes = {
            ...{ temporalWorkflowId: workflowId, run_id: runId },
            ...(connectionId && { 'airbyte.connection.id': connectionId }),
          };
          if (isRecorded(span, sampler)) processor.onEnd(toReadableSpan(span, attributes, resource));
        },
      },
    },
  };
}

/** Asks the sampler as for the span of an activity: its parent decides, or the sampler if the trace began in the workflow. */
function isRecorded({ context, name }: WorkflowSpan, sampler: Sampler): boolean {
  const parent = trace.setSpanContext(ROOT_CONTEXT, { ...toSpanContext(context), isRemote: true });
  const { decision } = sampler.shouldSample(parent, context.traceId, name, SpanKind.INTERNAL, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function toReadableSpan(
  { name, context, parent, startedAt, endedAt, error }: WorkflowSpan,
  attributes: ReadableSpan['attributes'],
  resource: Resource,
): ReadableSpan {
  const spanContext = toSpanContext(context);
  return {
    ...{ name, attributes, resource, kind: SpanKind.INTERNAL },
    spanContext: () => spanContext,
    ...(parent && { parentSpanContext: toSpanContext(parent) }),
    startTime: toHrTime(startedAt),
    endTime: toHrTime(endedAt),
    duration: toHrTime(endedAt - startedAt),
    ended: true,
    status:
      error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: shorten(error, MESSAGE_LIMIT) },
    instrumentationScope: { name: TRACER_NAME, version: PACKAGE_VERSION },
    ...{ links: [], events: [], droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

function toSpanContext({ traceId, spanId, isSampled, traceState }: TraceContext): SpanContext {
  return {
    ...{ traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE },
    ...(traceState && { traceState: createTraceState(traceState) }),
  };
}

function toHrTime(ms: number): HrTime {
  return [Math.trunc(ms / 1_000), (ms % 1_000) * 1_000_000];
}
