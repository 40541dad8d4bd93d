/** What the query `progress` of a pipeline returns. */
import { defineQuery } from '@temporalio/workflow';
import type { PipelineChanges } from './pipeline-plan';
import type { PipelineResult } from './pipeline-result';
import type { RunFailure } from './run-failure';

export const STEPS = ['workspace', 'definitions', 'check', 'discovery', 'actors', 'connection', 'sync'] as const;

export type PipelineStepName = (typeof STEPS)[number];

export interface PipelineProgress extends Partial<Omit<PipelineResult, 'created' | 'applied'>> {
  name: string;
  /** The current step; after the run has ended: `done`, `failed` or `cancelled`. */
  phase: PipelineStepName | 'done' | 'failed' | 'cancelled';
  created: PipelineResult['created'];
  /** What the run has created, changed, left and deleted so far. */
  applied?: Partial<Omit<PipelineChanges, 'counts'>>;
  /** What was unusual in this run: a check that this Airbyte does not support, a schema that changed. */
  notes: string[];
  /** The URL of the connection in Airbyte's web app, as soon as it is known. */
  connectionUrl?: string;
  /** The workflow id of the sync, after it has started; its own `progress` has the details. */
  syncWorkflowId?: string;
  /** Why the run failed or was cancelled. */
  failure?: RunFailure;
  /** The step in which the run failed. */
  failedStep?: PipelineStepName;
}

/** Returns the progress of a pipeline. */
export const pipelineProgressQuery = defineQuery<PipelineProgress>('progress');
