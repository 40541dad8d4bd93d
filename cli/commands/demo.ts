import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { workerSettings } from '../../src/configuration/worker-settings';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import { syncConnectionInputSchema } from '../../src/contract/sync-options';
import type { SyncConnectionResult } from '../../src/contract/sync-result';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { workflowPage } from '../../src/details/run-details';
import { readPipelineDocument } from '../../src/documents/parse-document';
import { formatBytes, formatCount, formatDuration, formatVolume } from '../../src/text/formatting';
import { PACKAGE_ROOT } from '../../src/text/package';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withJson, withTemporal } from '../command-context';
import {
  type DemoSandbox,
  type DemoTemporal,
  DemoWorker,
  startSandboxProcess,
  startTemporal,
  withoutOwnVariables,
} from '../demo/demo-processes';
import { sandboxEntry } from '../demo/entry-points';
import { changeShop } from '../demo/shop-changes';
import { EXIT } from '../exit-codes';
import { Interruptions } from '../follow/interruption';
import { describeRun, runDocument } from '../follow/run-pipeline-document';
import { describeSync, runSync, type SkippedSync } from '../follow/sync-run';
import { presentFailure } from '../render/failure-presentation';
import { Output } from '../render/output';

const EXAMPLE = 'examples/postgres-to-parquet.yaml';
/** The demo's jobs take a second or two, so the default interval of two seconds would be most of the wait. */
const POLL_INTERVAL = '500ms';

const AFTER_DEMO =
  'To look around in Temporal and Airbyte afterwards, keep everything running until Ctrl-C: npm start -- --keep, or temporal-airbyte demo --keep.';

interface DemoResult {
  pipeline: PipelineResult;
  changedRows: number;
  secondSync: SyncConnectionResult | SkippedSync;
  /** The folder of the destination, and its files, whose paths begin there. */
  folder: string;
  files: { path: string; bytes: number }[];
}

export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('demo')
    .summary('show everything on this machine')
    .description(
      'Starts a Temporal server, an Airbyte sandbox with a small shop database, and a worker on this machine. Runs a pipeline, changes some rows and syncs again. Everything stops when the demo ends.',
    )
    .option('--keep', 'keep everything running until Ctrl-C')
    .action(async (options: { json?: boolean; keep?: boolean }) => {
      const output = outputOf(context, options);
      // Throws before anything is started or printed if the sandbox's package is missing.
      sandboxEntry();
      const startedAt = Date.now();
      output.note(
        'This copies a small shop database into Parquet files. Temporal records every step, so the work finishes even if a process crashes.',
      );
      const interruptions = new Interruptions(context.terminal.signals);
      const demo = new Demo(output);
      try {
        const interrupted = interruptions.next().then((): never => {
          throw CliError.interrupted('the demo stops everything that it has started.');
        });
        interrupted.catch(() => {});
        const result = await Promise.race([demo.run(), interrupted]);
        output.result(result, () => demo.describe(result, Date.now() - startedAt));
        if (options.keep) {
          for (const line of demo.describeRunningDemo()) output.note(line);
          await interrupted.catch(() => {});
        }
        output.note('');
        output.note('Stopping everything, and removing its files …');
        await demo.stop();
        await demo.removeFiles();
        if (!options.keep) output.note(AFTER_DEMO);
      } catch (error) {
        await demo.stop();
        // The logs may say why it failed.
        if (presentFailure(error).exitCode === EXIT.interrupted) await demo.removeFiles();
        else demo.noteLogs();
        throw error;
      } finally {
        interruptions[Symbol.dispose]();
      }
    });
  withJson(command);
}

/** The steps of the demo, and the processes that they need. */
class Demo {
  private readonly started: { stop(): Promise<void> }[] = [];
  private readonly env: NodeJS.ProcessEnv;
  private ended = false;
  private folder = '';
  private temporal: DemoTemporal | undefined;
  private sandbox: DemoSandbox | undefined;

  constructor(private readonly output: Output) {
    this.env = output.terminal.env;
  }

  async run(): Promise<DemoResult> {
    this.folder = await mkdtemp(join(tmpdir(), 'temporal-airbyte-demo-'));
    this.noteHeading('Starting three processes (takes some seconds)');
    const worker = await this.startProcesses(this.folder);
    return Promise.race([this.runScenes(), worker.failure]);
  }

  /** Stops what was started in reverse order, so that the worker can still report to Temporal. */
  async stop(): Promise<void> {
    this.ended = true;
    for (const part of this.started.toReversed()) await part.stop();
  }

  /** Removes the documents, logs and Parquet files. Call it after {@link stop}. */
  async removeFiles(): Promise<void> {
    if (this.folder !== '') await rm(this.folder, { recursive: true, force: true });
  }

  noteLogs(): void {
    if (this.folder !== '') this.output.note(`The logs of the demo's processes are in ${this.folder}.`);
  }

  private async startProcesses(folder: string): Promise<DemoWorker> {
    const { note } = this;
    const shopPort = await shopPortOfExample();
    // Both take a while and don't depend on each other.
    const [temporal, sandbox] = await Promise.all([
      this.track(startTemporal(this.env, note)),
      startSandboxProcess(this.env, folder, shopPort, (child) => this.started.push(child)),
    ]);
    this.throwIfEnded();
    this.temporal = temporal;
    this.sandbox = sandbox;
    note(`  Temporal   ${temporal.address}  records what to do and what is done`);
    if (temporal.uiUrl) note(`             ${temporal.uiUrl}  its UI shows what happens here`);
    note(`  Airbyte    ${sandbox.url}  a sandbox in place of Airbyte, with a PostgreSQL database to read`);
    const worker = new DemoWorker(this.processEnv(), folder, note);
    this.started.push(worker);
    const pid = await worker.start();
    note(`  Worker     process ${pid}  does the work. Kill it at any time: kill -9 ${pid}`);
    return worker;
  }

  private async runScenes(): Promise<DemoResult> {
    const { sandbox, temporal } = this;
    if (!sandbox || !temporal) throw new Error('The demo has not started its processes.');
    const output = new Output({ ...this.output.terminal, env: this.processEnv() }, this.output.json);
    this.progressOf = output;

    this.noteHeading(`Running the pipeline of ${EXAMPLE}`);
    const document = await this.document(sandbox, temporal);
    await writeFile(this.documentFile, JSON.stringify(document, undefined, 2));
    const pipeline = await runDocument({ output, document, onInterrupt: 'leave' });
    for (const line of describeRun(document, pipeline, output.paintNote)) this.note(line);
    const { taskQueue } = workerSettings(this.processEnv());
    this.noteWorkflow(pipelineWorkflowId(document.name, taskQueue));

    this.noteHeading('Changing some rows of the shop, and syncing again');
    const changed = await changeShop(sandbox);
    this.note(`Changed ${formatCount(changed.customers, 'customer')} and ${formatCount(changed.orders, 'order')}.`);
    const input = syncConnectionInputSchema().parse({ connectionId: pipeline.connectionId });
    const connection = { name: document.connection.name, workspaceId: pipeline.workspaceId };
    const secondSync = await withTemporal(this.processEnv(), (connected) =>
      runSync(connected, { output, input, connection, onInterrupt: 'leave' }),
    );
    this.note(`${describeSync(secondSync)}. Only the changes were moved.`);
    this.noteWorkflow(syncWorkflowId(pipeline.connectionId, taskQueue));
    const folder = sandbox.dataDir;
    const files = await filesUnder(folder);
    return { pipeline, changedRows: changed.customers + changed.orders, secondSync, folder, files };
  }

  /** The example, with the address of this demo's database. */
  private async document({ shop }: DemoSandbox, { isOurs }: DemoTemporal): Promise<PipelineDocument> {
    const document = await readPipelineDocument(join(PACKAGE_ROOT, EXAMPLE));
    const { host, port, database, username } = shop;
    return {
      ...document,
      // The name may be in use on the user's own Temporal server.
      name: isOurs ? document.name : `${document.name}-demo-${process.pid}`,
      source: {
        ...document.source,
        configuration: { ...document.source.configuration, host, port, database, username },
      },
    };
  }

  /** Where the demo writes its document, so that the user can run it again. */
  private get documentFile(): string {
    return join(this.folder, 'postgres-to-parquet.json');
  }

  private processEnv(): NodeJS.ProcessEnv {
    const { temporal } = this;
    const base = withoutOwnVariables(this.env);
    return {
      ...(temporal ? temporal.environment(base) : base),
      AIRBYTE_URL: this.sandbox?.url,
      AIRBYTE_POLL_INTERVAL: POLL_INTERVAL,
      // Workers on the user's own Temporal server serve another Airbyte.
      AIRBYTE_TASK_QUEUE: temporal?.isOurs ? undefined : `airbyte-demo-${process.pid}`,
      SECRET_SHOP_PASSWORD: this.sandbox?.shop.password,
    };
  }

  describe({ pipeline, secondSync, folder, files }: DemoResult, tookMs: number): string[] {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const first = formatVolume({ recordsSynced: pipeline.sync ? pipeline.sync.recordsSynced : 0 });
    const second = formatVolume({ recordsSynced: 'recordsSynced' in secondSync ? secondSync.recordsSynced : 0 });
    return [
      '',
      `Done in ${formatDuration(tookMs)}: ${first} the first time, ${second} the second, in ${formatCount(files.length, 'Parquet file')} (${formatBytes(bytes)}) in ${folder}:`,
      ...files.map(({ path, bytes: size }) => `  ${path}  ${formatBytes(size)}`),
    ];
  }

  describeRunningDemo(): string[] {
    const paint = this.output.paintNote;
    const { AIRBYTE_URL, AIRBYTE_TASK_QUEUE, SECRET_SHOP_PASSWORD } = this.processEnv();
    return [
      '',
      'Everything keeps running until Ctrl-C. In another terminal:',
      paint('bold', `  export TEMPORAL_ADDRESS=${this.temporal?.address} AIRBYTE_URL=${AIRBYTE_URL}`),
      ...(this.temporal?.uiUrl ? [paint('bold', `  export TEMPORAL_UI_URL=${this.temporal.uiUrl}`)] : []),
      ...(AIRBYTE_TASK_QUEUE ? [paint('bold', `  export AIRBYTE_TASK_QUEUE=${AIRBYTE_TASK_QUEUE}`)] : []),
      '  npx temporal-airbyte status',
      `  npx temporal-airbyte run ${this.documentFile}`,
      "  npx temporal-airbyte sync 'PostgreSQL → Parquet'",
      // Without the secret, a run of the example would fail if this worker takes one of its steps.
      `  SECRET_SHOP_PASSWORD=${SECRET_SHOP_PASSWORD} npx temporal-airbyte worker`,
      ...(this.temporal?.uiUrl ? [`  Temporal's UI: ${this.temporal.uiUrl}`] : []),
    ];
  }

  /** The output whose progress is on the screen; notes go above that progress. */
  private progressOf: Output | undefined;

  private readonly note = (text: string): void => {
    if (!this.ended) (this.progressOf ?? this.output).note(text);
  };

  /** Notes the id of a workflow, and its page in the UI if the demo runs one. */
  private noteWorkflow(workflowId: string): void {
    const { uiUrl } = this.temporal ?? {};
    this.note(`  workflow     ${workflowId}`);
    if (uiUrl) this.note(`               ${uiUrl}/${workflowPage('default', workflowId)}`);
  }

  private noteHeading(title: string): void {
    this.note('');
    this.note(this.output.paintNote('bold', title));
  }

  /** Stops a part with the demo. A part that starts only after the demo has ended is stopped immediately. */
  private async track<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const part = await starting;
    if (this.ended) await part.stop();
    this.throwIfEnded();
    this.started.push(part);
    return part;
  }

  private throwIfEnded(): void {
    if (this.ended) throw CliError.interrupted('the demo has ended.');
  }
}

/** The port that the example's source has, so that the example also runs as it is on a demo that was kept. */
async function shopPortOfExample(): Promise<number> {
  const { source } = await readPipelineDocument(join(PACKAGE_ROOT, EXAMPLE));
  return z.number().parse(source.configuration['port']);
}

/** The files of a folder and its folders, with their sizes, in the order of their paths, which begin in the folder. */
async function filesUnder(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({ path: relative(folder, path), bytes: (await stat(path)).size })),
  );
}
