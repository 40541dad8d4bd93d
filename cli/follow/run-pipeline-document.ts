import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import { pipelineStaticDetails } from '../../src/details/static-details';
import { requireReachableAirbyte, withTemporal } from '../command-context';
import { describePipeline } from '../render/changes-presentation';
import type { Output } from '../render/output';
import type { Paint } from '../render/terminal';
import type { InterruptChoice } from './interruption';
import { runNamedDocument } from './run-named-document';
import { describeSync, describeWarnings } from './sync-run';

export interface RunDocumentOptions {
  output: Output;
  document: PipelineDocument;
  onInterrupt?: InterruptChoice | undefined;
}

/** Runs a pipeline document until its workflow has ended: starts it, or attaches to the run of the same document. */
export async function runDocument({ output, document, onInterrupt }: RunDocumentOptions): Promise<PipelineResult> {
  const { env } = output.terminal;
  await requireReachableAirbyte(output.terminal);
  return withTemporal(env, (temporal) =>
    runNamedDocument<PipelineDocument, PipelineResult>(temporal, {
      ...{ output, document, onInterrupt, kind: 'pipeline', workflowType: 'runPipeline' },
      workflowIdOf: pipelineWorkflowId,
      schema: pipelineDocumentSchema(),
      ...pipelineStaticDetails(document),
    }),
  );
}

/** The result of a pipeline's run, with that of its sync. */
export function describeRun(document: PipelineDocument, result: PipelineResult, paint: Paint): string[] {
  const { sync } = result;
  return [
    ...describePipeline(document, result, paint),
    ...(sync ? [`  sync         ${describeSync(sync)}`, ...describeWarnings(sync).map((line) => `  ${line}`)] : []),
  ];
}
