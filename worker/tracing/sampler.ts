import { trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TracingSettings } from '../../src/configuration/tracing-settings';
import { BEGUN_IN_WORKFLOW } from '../../src/contract/trace-context';

/** The sampler that the environment asks for. */
export function samplerOf({ root, followsParent }: TracingSettings['sampler']): Sampler {
  const sampler = rootSamplerOf(root);
  return followsParent
    ? new ParentBasedSampler({ root: sampler, remoteParentSampled: new RemoteParentSampler(sampler) })
    : sampler;
}

function rootSamplerOf(root: TracingSettings['sampler']['root']): Sampler {
  if (root === 'all') return new AlwaysOnSampler();
  return root === 'none' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(root.ratio);
}

/** Records what continues a recorded trace. It decides about a trace that began in a workflow. */
class RemoteParentSampler implements Sampler {
  constructor(private readonly root: Sampler) {}

  shouldSample(...parameters: Parameters<Sampler['shouldSample']>): SamplingResult {
    const [context] = parameters;
    const isUndecided =
      trace.getSpanContext(context)?.traceState?.get(BEGUN_IN_WORKFLOW.key) === BEGUN_IN_WORKFLOW.value;
    if (!isUndecided) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    return this.root.shouldSample(...parameters);
  }
}
