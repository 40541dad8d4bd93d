import { describe, expect, it } from '@jest/globals';
import { createTraceState, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { samplerOf } from '../../../../worker/tracing/sampler';

/** A ratio of 50 % records the first of them, by the specification's rule. */
const RECORDED = '00000000000000000000000000000001';
const UNRECORDED = '000000000000000000000000ffffffff';

function isRecorded(traceId: string, { isSampled = true, state = '' } = {}): boolean {
  const parent = {
    ...{ traceId, spanId: '0000000000000001', isRemote: true },
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(state && { traceState: createTraceState(state) }),
  };
  const { decision } = samplerOf({ root: { ratio: 0.5 }, followsParent: true }).shouldSample(
    trace.setSpanContext(ROOT_CONTEXT, parent),
    traceId,
    'x',
    SpanKind.INTERNAL,
    {},
    [],
  );
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

describe('the sampler of a worker', () => {
  it('follows the caller that has begun a trace', () => {
    for (const traceId of [RECORDED, UNRECORDED]) {
      expect(isRecorded(traceId)).toBe(true);
      expect(isRecorded(traceId, { isSampled: false })).toBe(false);
    }
  });

  it('decides by the id of a trace that has begun in a workflow, so that all workers decide the same', () => {
    const state = 'temporal-airbyte=workflow';
    expect(isRecorded(RECORDED, { state })).toBe(true);
    expect(isRecorded(UNRECORDED, { state })).toBe(false);
  });
});
