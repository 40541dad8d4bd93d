import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { withoutOwnVariables } from '../../cli/demo/demo-processes';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { connectTemporal } from '../../src/temporal/connection';
import { type JobDurations, type SandboxJob, SandboxProcess } from '../sandbox-process';
import { seededRandom } from '../statistics';
import { type ClosedWorkflow, startWorkflows, whenClosed } from '../workflow-runs';
import { planFaults } from './fault-plan';
import { KilledWorkers } from './killed-workers';

const WORKFLOW_TYPE = 'syncConnection';

export interface FaultSoakPlan {
  /** How many connections are synced, each once. */
  syncs: number;
  durationsMs: JobDurations;
  /** Time between two starts, in milliseconds: faults and kills meet syncs in all their phases. */
  startEveryMs: number;
  workers: number;
  /** Time between two kills of a worker, in milliseconds. */
  killEveryMs: number;
  maximumKills: number;
  /** How often each worker polls Airbyte, in milliseconds. */
  pollIntervalMs: number;
  /** How long a gateway waits for Airbyte before it responds with 504, in milliseconds. */
  gatewayTimeoutMs: number;
  /** Of the random numbers that the faults are drawn with. */
  seed: number;
}

/** What came of it. */
export interface FaultSoak extends FaultSoakPlan {
  succeeded: number;
  failed: number;
  /** Started, and never closed. */
  lost: number;
  /** Jobs that were started in Airbyte. */
  jobs: number;
  connectionsWithOneJob: number;
  workersKilled: number;
  /** How many requests each kind of fault has befallen. */
  faults: Record<string, number>;
  wallSeconds: number;
}

/** Where the syncs are run: a Temporal server, and a task queue of it that nothing else uses. */
export interface SoakTemporal {
  taskQueue: string;
  /** Makes an environment in which Temporal is this server. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
}

/**
 * Runs syncs while Airbyte misbehaves at random and workers are killed.
 *
 * @param folder for the processes' logs
 */
export async function soakWithFaults(plan: FaultSoakPlan, on: SoakTemporal, folder: string): Promise<FaultSoak> {
  const startedAtMs = Date.now();
  const sandbox = await SandboxProcess.start(folder);
  const temporal = await connectTemporal({ env: on.environment({}) });
  const env = {
    ...on.environment(withoutOwnVariables(process.env)),
    AIRBYTE_URL: sandbox.url,
    AIRBYTE_TASK_QUEUE: on.taskQueue,
    AIRBYTE_POLL_INTERVAL: `${plan.pollIntervalMs}ms`,
  };
  const workers = new KilledWorkers(env, folder);
  try {
    const connectionIds = await sandbox.createConnections(plan.syncs, plan.durationsMs);
    const planned = planFaults(plan.syncs, seededRandom(plan.seed), plan.gatewayTimeoutMs);
    for (const { fault } of planned) await sandbox.addFault(fault);
    await workers.start(plan.workers);
    const syncing = syncAll(temporal.client, on.taskQueue, connectionIds, plan.startEveryMs);
    const closed = await Promise.race([syncing, workers.killOneEvery(plan.killEveryMs, plan.maximumKills)]);
    const struck = (await sandbox.faults()).map((fault) => fault.struck);
    const faults: Record<string, number> = {};
    for (const [index, { kind }] of planned.entries()) faults[kind] = (faults[kind] ?? 0) + (struck[index] ?? 0);
    const outcome = evaluate(plan, closed, await sandbox.jobs());
    return {
      ...plan,
      ...outcome,
      workersKilled: workers.killed,
      faults,
      wallSeconds: (Date.now() - startedAtMs) / 1_000,
    };
  } finally {
    await temporal.close();
    await workers.stop();
    await sandbox.stop();
  }
}

async function syncAll(
  client: Client,
  taskQueue: string,
  connectionIds: readonly string[],
  startEveryMs: number,
): Promise<ClosedWorkflow[]> {
  for (const connectionId of connectionIds) {
    const workflow = { workflowId: syncWorkflowId(connectionId, taskQueue), args: [{ connectionId }] };
    await startWorkflows(client, WORKFLOW_TYPE, taskQueue, [workflow]);
    await delay(startEveryMs);
  }
  return whenClosed(client, taskQueue, connectionIds.length);
}

function evaluate({ syncs }: FaultSoakPlan, closed: ClosedWorkflow[], jobs: SandboxJob[]) {
  const succeeded = closed.filter(({ status }) => status === 'COMPLETED').length;
  const jobsOf = new Map<string, number>();
  for (const { connectionId } of jobs) jobsOf.set(connectionId, (jobsOf.get(connectionId) ?? 0) + 1);
  return {
    succeeded,
    failed: closed.length - succeeded,
    lost: syncs - closed.length,
    jobs: jobs.length,
    connectionsWithOneJob: [...jobsOf.values()].filter((count) => count === 1).length,
  };
}
