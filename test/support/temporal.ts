import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, IllegalStateError, NativeConnection, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { connectTemporal } from '../../src/temporal/connection';
import { registerSearchAttributes } from '../../src/temporal/search-attributes';
import { devServerEnvironment } from '../../tools/dev-server';
import { cacheFolder, findExecutable } from '../../tools/executables';
import { type BundleChoice, WORKFLOWS_PATH, writeWorkflowBundle } from '../../worker/workflow-bundle';
import { BROKER_VARIABLE } from './shared-server';

/**
 * Workers log each step that succeeds; a test run shows only what does not. Test files share the runtime of their process.
 *
 * @param telemetryOptions for a test file that reads metrics: it calls {@link closeRuntime} before and after
 */
export function quietRuntime(telemetryOptions: TelemetryOptions = {}): void {
  try {
    Runtime.install({ logger: new DefaultLogger('WARN'), telemetryOptions });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error; // an earlier test file has installed it
  }
}

/** Ends the runtime that test files share, so that the next one can have other options. */
export async function closeRuntime(): Promise<void> {
  await Runtime.instance().shutdown();
}

/** Connections to the Temporal server that all test files share. */
export interface SharedTemporal {
  /** `host:port` */
  address: string;
  namespace: string;
  /** Where its UI is; the production server has none. */
  uiUrl?: string;
  client: Client;
  connection: Connection;
  nativeConnection: NativeConnection;
  /** For child processes: the given environment, in which Temporal is this server. */
  environment(base?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** The shared server. Task queues and workflow ids keep test files apart: see {@link uniqueName}. */
export async function sharedTemporal(): Promise<SharedTemporal> {
  const broker = process.env[BROKER_VARIABLE];
  if (broker === undefined) throw new Error('Only tests that jest runs with its global set-up share a Temporal server');
  const response = (await (await fetch(broker)).json()) as {
    address?: string;
    uiUrl?: string;
    error?: string;
  };
  const { address, uiUrl } = response;
  if (address === undefined) throw new Error(response.error);
  return { ...(await connectTo(address)), ...(uiUrl !== undefined && { uiUrl }) };
}

/** Connections to a server that a test file may have to itself. */
export async function connectTo(server: string): Promise<SharedTemporal> {
  quietRuntime();
  const environment = (base: NodeJS.ProcessEnv = process.env) => devServerEnvironment(server, base);
  const { address, namespace, client, connection, close } = await connectTemporal({ env: environment({}) });
  const nativeConnection = await NativeConnection.connect({ address });
  return {
    ...{ address, namespace, client, connection, nativeConnection, environment },
    async close() {
      await nativeConnection.close();
      await close();
    },
  };
}

/** A namespace of the shared server that no other test uses. Nothing of ours is registered in it. */
export async function newNamespace({ connection }: SharedTemporal): Promise<string> {
  const namespace = uniqueName('namespace');
  const workflowExecutionRetentionPeriod = { seconds: 86_400 as never };
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  return namespace;
}

/** A Temporal server in which hours pass in a moment. It has no schedules and lists nothing. Tear it down. */
export async function timeSkippingTemporal(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const path = await findExecutable('temporal-test-server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await registerSearchAttributes(env.connection, env.namespace ?? 'default');
  return env;
}

/** A Temporal server of the test's own that suggests to continue as new from so many events on. Tear it down. */
export function temporalWithShortHistories(events: number): Promise<TestWorkflowEnvironment> {
  return temporalWith(`limit.historyCount.suggestContinueAsNew=${events}`);
}

/** A Temporal server of the test's own on which workflows can be paused. Tear it down. */
export function temporalWithPauses(): Promise<TestWorkflowEnvironment> {
  return temporalWith('frontend.WorkflowPauseEnabled=true');
}

/** A Temporal server of the test's own that spreads each task queue over so many partitions. Tear it down. */
export function temporalWithPartitions(partitions: number): Promise<TestWorkflowEnvironment> {
  const settings = ['Read', 'Write'].map((kind) => `matching.numTaskqueue${kind}Partitions=${partitions}`);
  return temporalWith(...settings);
}

async function temporalWith(...settings: string[]): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const path = await findExecutable('temporal');
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      extraArgs: settings.flatMap((setting) => ['--dynamic-config-value', setting]),
      searchAttributes: Object.values(searchAttributeKeys),
    },
  });
}

interface Bundle {
  codePath: string;
}

const bundles = new Map<string, Promise<Bundle>>();

/**
 * A bundle of workflows, made from their source when it has changed.
 *
 * @param workflowsPath default: this project's workflows
 * @param options.encrypts whether it is for a worker that encrypts
 * @param options.isTraced whether it is for a worker that exports traces
 */
export function workflowBundle(
  workflowsPath: string = WORKFLOWS_PATH,
  { encrypts = false, isTraced = false } = {},
): Promise<Bundle> {
  const key = JSON.stringify({ workflowsPath, encrypts, isTraced });
  const bundle = bundles.get(key) ?? writeBundle(key, { workflowsPath, encrypts, isTraced });
  bundles.set(key, bundle);
  return bundle;
}

async function writeBundle(key: string, choice: BundleChoice): Promise<Bundle> {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const codePath = join(cacheFolder(), `workflow-bundle-of-tests-${name}.js`);
  await writeWorkflowBundle({ ...choice, bundlePath: codePath });
  return { codePath };
}

/** A name that no other test uses, for task queues, workflow ids and namespaces. */
export function uniqueName(name: string): string {
  return `${name}-${randomUUID()}`;
}
