import { workerSettings } from '../../src/configuration/worker-settings';
import { currentAndLegacyIds } from '../../src/contract/workflow-ids';
import type { StaticDetails } from '../../src/details/static-details';
import type { TemporalClient } from '../../src/temporal/connection';
import { isSameInput } from '../../src/temporal/running-workflow';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import type { Output } from '../render/output';
import { followWorkflow } from './follow-workflow';
import type { InterruptChoice } from './interruption';
import { noteMissingSearchAttributes } from './search-attributes';
import { describeOtherTaskQueue } from './task-queue-messages';
import { startOrAttach } from './workflow-start';

/** A document whose workflow id has its name. */
export interface NamedRun<Document> extends StaticDetails {
  output: Output;
  kind: 'pipeline' | 'fleet';
  workflowType: string;
  /** The id of its workflow on a task queue. */
  workflowIdOf: (name: string, taskQueue: string) => string;
  document: Document;
  /** Parses the input that a workflow was started with. */
  schema: Parameters<typeof isSameInput>[0];
  onInterrupt?: InterruptChoice | undefined;
}

/**
 * Runs a document until its workflow has ended: starts the workflow, attaches to a run of the same document, or waits until the
 * run of another document with that name has ended.
 */
export async function runNamedDocument<Document extends { name: string }, Result>(
  temporal: TemporalClient,
  run: NamedRun<Document>,
): Promise<Result> {
  const { output, kind, workflowType, workflowIdOf, document, schema, onInterrupt, staticSummary, staticDetails } = run;
  const { taskQueue } = workerSettings(output.terminal.env);
  const named = `the ${kind} '${document.name}'`;
  await noteMissingSearchAttributes(output, temporal);
  const { attached, ...started } = await startOrAttach(temporal, {
    ...{ workflowType, taskQueue, staticSummary, staticDetails },
    workflowIds: currentAndLegacyIds(workflowIdOf, document.name, taskQueue),
    input: document,
    onRunning: ({ input }) => (isSameInput(schema, input, document) ? 'attach' : 'wait'),
    onOtherTaskQueue: (running) => {
      throw new CliError(
        EXIT.failed,
        'AirbyteConflict',
        `${describeOtherTaskQueue(running)} Nothing was started on the task queue '${taskQueue}'. Wait until that run has ended, or give ${named} another name.`,
      );
    },
    waiting: `A run of ${named} with another document is running; this one starts when it has ended.`,
    note: (message) => output.note(message),
  });
  if (attached) output.note(`Already running: ${named}, with this document. Following that run.`);
  return followWorkflow<Result>({ output, temporal, ...started, kind, onInterrupt });
}
