import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  TerminatedFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { duplicateProblems, parseDependencies } from '../src/contract/fleet-dependencies';
import { type FleetInput, type FleetOptions, fleetInputSchema } from '../src/contract/fleet-document';
import { type FleetPlanProgress, type FleetProgress, fleetProgressQuery } from '../src/contract/fleet-progress';
import { describeFailedFleet, type FleetConnectionOutcome, type FleetResult } from '../src/contract/fleet-result';
import type { RunFailure } from '../src/contract/run-failure';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { describeLocatedProblems, type LocatedProblem } from '../src/contract/validation/schema-problems';
import { CONNECTIONS_SHOWN, fleetDetails } from '../src/details/fleet-details';
import { type FleetMember, FleetPlan, type FleetPlanSnapshot } from '../src/fleet/fleet-plan';
import { isObject } from '../src/text/json-object';
import { airbyteCalls } from './activity-options';
import { describeFailure, failure, parseInput, toWorkflowFailure } from './failures';
import { isContinuedRun, isHistoryLong } from './history-limit';
import { startSyncChild } from './sync-child';

/** What one run of a fleet passes to the next when it continues as new. */
export interface CarriedFleet {
  /** Without the connections and their order, which the plan has. */
  options: FleetOptions;
  plan: FleetPlanSnapshot;
}

/** How long the search for the connections is retried while Airbyte is out of reach. */
const SELECTING_MS = 15 * 60_000;

const NO_PROGRESS: FleetPlanProgress = {
  counts: { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
  levels: [],
};

/**
 * Syncs many connections, each in a `syncConnection` of its own, in the order of their dependencies, up to `maxConcurrent`
 * at a time. When its history has become long it starts no more syncs, waits for those that run, and continues as new.
 * Cancelling it cancels the running jobs in Airbyte, and waits for their ends.
 *
 * Fails with `AirbyteSyncFailed`, the whole result in its details, when a connection has failed or was cancelled; with
 * `AirbyteNotFound`, `AirbyteConflict`, `AirbyteUnsupported`, `AirbyteUnauthorized` or `AirbyteUnavailable` when the
 * connections cannot be found; and with `InvalidInput`.
 *
 * @param carried set only by an earlier run of the same fleet: where that run has left off
 */
export async function syncFleet(
  input: FleetInput,
  carried?: CarriedFleet,
  ...others: undefined[]
): Promise<FleetResult> {
  return new SyncFleet(input, carried, others).run();
}

class SyncFleet {
  readonly #options: FleetOptions;
  readonly #name: string;
  #phase: FleetProgress['phase'] = 'selecting';
  /** Why the fleet failed or was cancelled. */
  #failure: RunFailure | undefined;
  /** Undefined until the connections are found. */
  #plan: FleetPlan | undefined;

  constructor(input: FleetInput, carried: CarriedFleet | undefined, others: undefined[]) {
    const earlier = isCarried(carried) ? carried : undefined;
    const options = earlier?.options ?? parseInput(fleetInputSchema(), input, [carried, ...others]);
    this.#options = options;
    this.#name = options.name ?? workflowInfo().workflowId;
    this.#plan = earlier && new FleetPlan(earlier.plan.connections, options, earlier.plan.ends);
    setHandler(fleetProgressQuery, () => this.#progress());
  }

  async run(): Promise<FleetResult> {
    this.#describe();
    try {
      this.#plan ??= new FleetPlan(await findConnections(this.#options), this.#options);
      await this.#syncAll(this.#plan);
      const result = this.#conclude(this.#plan);
      this.#phase = 'done';
      this.#describe();
      return result;
    } catch (error) {
      const end = toWorkflowFailure(error);
      // A run that continues as new has not ended the fleet.
      if (!(end instanceof ContinueAsNew)) {
        const { phase, failure } = describeFailure(end);
        [this.#phase, this.#failure] = [phase, failure];
        this.#describe();
      }
      throw end;
    }
  }

  /** Starts each connection as soon as the plan allows it, until all have ended. */
  async #syncAll(plan: FleetPlan): Promise<void> {
    const scope = CancellationScope.current();
    let failedBefore = 0;
    scope.cancelRequested.catch(() => {
      this.#phase = 'cancelling';
      failedBefore = plan.counts.failed;
      plan.stop('The fleet was cancelled.');
      this.#describe();
    });
    while (!plan.isOver) {
      const isPausing = isHistoryLong(workflowInfo());
      if (!scope.consideredCancelled) this.#phase = isPausing ? 'pausing' : 'syncing';
      if (isPausing && plan.running === 0) await this.#continueAsNew(plan);
      if (!isPausing) for (const index of plan.next()) void this.#sync(plan, index);
      this.#describe();
      const { ended } = plan;
      // The syncs of a cancelled fleet are cancelled with it; the fleet waits for their ends.
      await CancellationScope.nonCancellable(() => condition(() => plan.ended > ended));
    }
    if (scope.consideredCancelled) throw this.#cancelled(plan, failedBefore);
  }

  /** Syncs one connection. A sync that fails does not fail the fleet here: the plan records its end. */
  async #sync(plan: FleetPlan, index: number): Promise<void> {
    plan.end(index, await this.#outcomeOf(plan, index).catch(outcomeOfFailedSync));
  }

  async #outcomeOf(plan: FleetPlan, index: number): Promise<FleetConnectionOutcome> {
    const { connectionId, name: connectionName, workspaceId } = plan.connection(index);
    const child = await startSyncChild({ connectionId, ...this.#options.sync }, { connectionName, workspaceId });
    plan.started(index, child.workflowId);
    this.#describe();
    return outcomeOfSync(await child.result());
  }

  /** Called while no sync runs, so no sync is lost or started again. */
  #continueAsNew(plan: FleetPlan): Promise<never> {
    const { connections: _, select: __, ...carriedFields } = this.#options;
    const options = { ...carriedFields, dependsOn: {} };
    return continueAsNew<typeof syncFleet>({ name: this.#name }, { options, plan: plan.snapshot() });
  }

  /** @throws ApplicationFailure of type `AirbyteSyncFailed` when a connection has not succeeded */
  #conclude(plan: FleetPlan): FleetResult {
    const result = plan.result(this.#name);
    const failed = describeFailedFleet(result);
    if (failed !== undefined) throw failure('AirbyteSyncFailed', failed, result);
    return result;
  }

  /** The end of a cancelled fleet. It is a failure where a sync has failed since: its job may still run in Airbyte. */
  #cancelled(plan: FleetPlan, failedBefore: number): Error {
    const result = plan.result(this.#name);
    if (result.counts.failed === failedBefore) return new CancelledFailure('The fleet was cancelled');
    return failure('AirbyteSyncFailed', `The fleet was cancelled. ${describeFailedFleet(result)}`, result);
  }

  /** Changes the details that the UI shows on the workflow's page. */
  #describe(): void {
    const { maxConcurrent } = this.#options;
    const counts = this.#plan?.counts ?? NO_PROGRESS.counts;
    const listed = this.#plan?.listed(CONNECTIONS_SHOWN) ?? { running: [], failed: [] };
    const state = { name: this.#name, phase: this.#phase, maxConcurrent, counts, listed, failure: this.#failure };
    setCurrentDetails(fleetDetails(state, workflowInfo()));
  }

  #progress(): FleetProgress {
    const { maxConcurrent } = this.#options;
    return { name: this.#name, phase: this.#phase, maxConcurrent, ...(this.#plan?.progress() ?? NO_PROGRESS) };
  }
}

/** Whether an earlier run of this fleet has passed the second argument, and no caller has set it. */
function isCarried(carried: unknown): carried is CarriedFleet {
  return isContinuedRun() && isObject(carried) && isObject(carried['options']) && isObject(carried['plan']);
}

/** Finds the connections that the input selects, and the order of their dependencies. */
async function findConnections({ connections, select, dependsOn }: FleetOptions): Promise<FleetMember[]> {
  const airbyte = airbyteCalls(SELECTING_MS, 'Find the connections of the fleet');
  const found = select
    ? await airbyte.selectConnections(select)
    : await airbyte.findConnections({ connections: connections?.map(({ connection }) => connection) ?? [] });
  const names = found.map(({ connectionId, name }, index) => {
    const written = connections?.[index]?.connection;
    return written === undefined ? [name, connectionId] : [written];
  });
  const { order, problems } = parseDependencies({ connections, dependsOn }, names);
  assertNoProblems([...duplicateProblems(found.map(({ connectionId }) => connectionId)), ...problems]);
  setWorkspaceAttribute(found);
  return found.map((connection, index) => ({ ...connection, dependsOn: order[index] ?? [] }));
}

function assertNoProblems(problems: LocatedProblem[]): void {
  if (problems.length > 0) throw failure('InvalidInput', describeLocatedProblems(problems));
}

/** Makes a fleet findable by its workspace, where all of its connections are in one. */
function setWorkspaceAttribute(connections: readonly { workspaceId?: string | undefined }[]): void {
  const [workspaceId, ...others] = new Set(connections.map((connection) => connection.workspaceId));
  if (workspaceId === undefined || others.length > 0) return;
  upsertSearchAttributes([{ key: keys.workspaceId, value: workspaceId }]);
}

function outcomeOfSync({ jobId, status, recordsSynced, bytesSynced }: SyncConnectionResult): FleetConnectionOutcome {
  if (status === 'skipped') return { outcome: 'skipped', jobId, message: `Job ${jobId} was running on it already.` };
  return { outcome: 'succeeded', jobId, recordsSynced, bytesSynced };
}

/** @throws the error itself, when it is a bug of this workflow and not the failure of a sync */
function outcomeOfFailedSync(error: unknown): FleetConnectionOutcome {
  if (!(error instanceof TemporalFailure)) throw error;
  if (isCancellation(error)) return { outcome: 'cancelled', message: 'Its sync was cancelled.' };
  const reason = toWorkflowFailure(error);
  if (reason instanceof ApplicationFailure) {
    const outcome = reason.type === 'AirbyteJobCancelled' ? 'cancelled' : 'failed';
    return { outcome, ...(reason.type && { type: reason.type }), message: reason.message };
  }
  const terminated = error.cause instanceof TerminatedFailure;
  return { outcome: 'failed', message: terminated ? 'Its workflow was terminated.' : error.message };
}
