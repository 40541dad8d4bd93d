import { madeOrFound } from '../../workflows/pipeline-steps';
import type { PipelineResult } from '../../workflows/run-pipeline';
import { type PipelineDocument, pipelineDocumentSchema } from '../pipeline/document';
import type { TemporalClient } from '../temporal/connection';
import { isSameInput } from '../temporal/running-workflow';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { pipelineStaticDetails } from '../temporal/static-details';
import { pipelineWorkflowId } from '../temporal/workflow-ids';
import { workerSettings } from '../worker/worker-settings';
import { knowsAirbyte, withAirbyte, withTemporal } from './command-context';
import { followWorkflow } from './followed-workflow';
import type { InterruptChoice } from './interruption';
import type { Output } from './output';
import { describeScheduleResult } from './schedule-texts';
import { describeSync } from './sync-run';
import { startOrAttach } from './workflow-start';

export interface RunDocumentOptions {
  output: Output;
  document: PipelineDocument;
  onInterrupt?: InterruptChoice | undefined;
}

/** Runs a pipeline document to its end: starts its workflow, or attaches to the run of the same document. */
export async function runDocument(options: RunDocumentOptions): Promise<PipelineResult> {
  const { env } = options.output.terminal;
  // An Airbyte that this shell cannot reach either is said at once, not after the workflow's own patience.
  if (knowsAirbyte(env)) await withAirbyte(env, (airbyte) => airbyte.health());
  return withTemporal(env, (temporal) => runDocumentOn(temporal, options));
}

async function runDocumentOn(temporal: TemporalClient, options: RunDocumentOptions): Promise<PipelineResult> {
  const { output, document, onInterrupt } = options;
  const { taskQueue } = workerSettings(output.terminal.env);
  const workflowId = pipelineWorkflowId(document.name);
  // A workflow that sets an unknown search attribute would get stuck.
  await registerSearchAttributes(temporal.connection, temporal.namespace);
  const { attached, ...started } = await startOrAttach(temporal, {
    workflowType: 'runPipeline',
    workflowId,
    taskQueue,
    input: document,
    ...pipelineStaticDetails(document),
    onRunning: ({ input }) => (isSameInput(pipelineDocumentSchema(), input, document) ? 'attach' : 'wait'),
    onWaiting: () =>
      output.note(
        `A run of the pipeline '${document.name}' with another document is under way; this one starts when it has ended.`,
      ),
  });
  if (attached)
    output.note(`The pipeline '${document.name}' is already running with this document: following that run.`);
  return followWorkflow<PipelineResult>({
    output,
    temporal,
    ...started,
    kind: 'pipeline',
    onInterrupt,
  });
}

/** What a pipeline's run has come to, one line a thing. */
export function describePipeline(document: PipelineDocument, result: PipelineResult): string[] {
  const { created, streams, schedule, sync } = result;
  return [
    `Pipeline '${document.name}' is in place.`,
    `  workspace    ${result.workspaceId}`,
    `  source       ${result.sourceId}  ${document.source.name} (${madeOrFound(created.source)})`,
    `  destination  ${result.destinationId}  ${document.destination.name} (${madeOrFound(created.destination)})`,
    `  connection   ${result.connectionId}  ${document.connection.name} (${madeOrFound(created.connection)})`,
    `  streams      ${streams.map(({ name, syncMode }) => `${name} (${syncMode})`).join(', ')}`,
    `  schedule     ${describeScheduleResult(document.connection.schedule, schedule)}`,
    ...(sync ? [`  sync         ${describeSync(sync)}`] : []),
  ];
}
