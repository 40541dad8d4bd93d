import { defineQuery } from '@temporalio/workflow';
import type { PipelineResult } from './pipeline-result';
import type { RunFailure } from './run-failure';

export const STEPS = ['workspace', 'definitions', 'actors', 'check', 'discovery', 'connection', 'sync'] as const;

export type PipelineStepName = (typeof STEPS)[number];

export interface PipelineProgress extends Partial<Omit<PipelineResult, 'created'>> {
  name: string;
  /** The step that it is at; once the run has ended: `done`, `failed` or `cancelled`. */
  phase: PipelineStepName | 'done' | 'failed' | 'cancelled';
  created: PipelineResult['created'];
  /** What went another way than usual, for people to read: a check that this Airbyte cannot make, a schema that changed. */
  notes: string[];
  /** The connection's page in Airbyte's web app, once it is known. */
  connectionUrl?: string;
  /** The workflow of the sync, once it has started; its own `progress` tells the rest. */
  syncWorkflowId?: string;
  /** Why the run has ended otherwise than wanted. */
  failure?: RunFailure;
  /** The step that a run with a failure did not get beyond. */
  failedStep?: PipelineStepName;
}

/** How a pipeline stands. */
export const pipelineProgressQuery = defineQuery<PipelineProgress>('progress');
