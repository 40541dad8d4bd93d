import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import { createdOrFound } from '../../src/details/pipeline-steps';
import { pipelineStaticDetails } from '../../src/details/static-details';
import { formatNames } from '../../src/text/formatting';
import { requireReachableAirbyte, withTemporal } from '../command-context';
import type { Output } from '../render/output';
import { describeScheduleResult } from '../render/schedule-formatting';
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

/** The result of a pipeline's run, one line for each object. */
export function describePipeline(document: PipelineDocument, result: PipelineResult): string[] {
  const { created, streams, moreStreams, schedule, sync } = result;
  const names = streams.map(({ name, syncMode }) => `${name} (${syncMode})`);
  return [
    `Pipeline '${document.name}' is in place.`,
    `  workspace    ${result.workspaceId}`,
    `  source       ${result.sourceId}  ${document.source.name} (${createdOrFound(created.source)})`,
    `  destination  ${result.destinationId}  ${document.destination.name} (${createdOrFound(created.destination)})`,
    `  connection   ${result.connectionId}  ${document.connection.name} (${createdOrFound(created.connection)})`,
    `  streams      ${formatNames(names, moreStreams)}`,
    `  schedule     ${describeScheduleResult(document.connection.schedule, schedule)}`,
    ...(sync ? [`  sync         ${describeSync(sync)}`, ...describeWarnings(sync).map((line) => `  ${line}`)] : []),
  ];
}
