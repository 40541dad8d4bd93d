import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
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
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { describeLocatedProblems, type LocatedProblem } from '../src/contract/validation/schema-problems';
import { FleetPlan, type FleetPlanSnapshot, type PlannedConnection } from '../src/fleet/fleet-plan';
import { isObject } from '../src/text/json-object';
import { airbyteCalls } from './activity-options';
import { describeFailure, failure, parseInput, toWorkflowFailure } from './failures';
import { isContinuedRun, isHistoryLong } from './history-limit';
import { startSyncChild } from './sync-child';

/** What one run of a fleet hands to the next. */
export interface CarriedFleet {
  /** Without the connections and their order, which the plan has. */
  options: FleetOptions;
  plan: FleetPlanSnapshot;
}

/** How long an Airbyte that is out of reach is waited for, before anything has started. */
const SELECTING_MS = 15 * 60_000;

const NO_PROGRESS: FleetPlanProgress = {
  counts: { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
  levels: [],
};

/**
 * Syncs many connections, each in a `syncConnection` of its own, in the order that they depend on each other, some at
 * once. When its history has become long it waits for those that run, starts none meanwhile, and goes on in another run.
 * Cancelling it cancels the jobs that run in Airbyte, and waits for their ends.
 *
 * Fails with `AirbyteSyncFailed`, the whole result in its details, when a connection has failed or was cancelled; with
 * `AirbyteNotFound`, `AirbyteConflict`, `AirbyteUnsupported`, `AirbyteUnauthorized` or `AirbyteUnavailable` when the
 * connections cannot be found; and with `InvalidInput`.
 *
 * @param carried for its own use: where an earlier run of the same fleet has left off
 */
export async function syncFleet(
  input: FleetInput,
  carried?: CarriedFleet,
  ...others: undefined[]
): Promise<FleetResult> {
  const carriedOver = isCarried(carried) ? carried : undefined;
  const options = carriedOver?.options ?? parseInput(fleetInputSchema(), input, [carried, ...others]);
  const { name = workflowInfo().workflowId, maxConcurrent } = options;
  let plan = carriedOver && new FleetPlan(carriedOver.plan.connections, options, carriedOver.plan.ends);
  let phase: FleetProgress['phase'] = 'selecting';
  setHandler(fleetProgressQuery, () => ({ name, phase, maxConcurrent, ...(plan?.progress() ?? NO_PROGRESS) }));

  try {
    plan ??= new FleetPlan(await findConnections(options), options);
    await syncAll(plan);
    const result = conclude(plan);
    phase = 'done';
    return result;
  } catch (error) {
    const end = toWorkflowFailure(error);
    // What goes on in another run has not ended.
    if (!(end instanceof ContinueAsNew)) phase = describeFailure(end).phase;
    throw end;
  }

  /** Starts whatever may start, again and again, until all have ended. */
  async function syncAll(fleet: FleetPlan): Promise<void> {
    const scope = CancellationScope.current();
    let failedBefore = 0;
    scope.cancelRequested.catch(() => {
      phase = 'cancelling';
      failedBefore = fleet.counts.failed;
      fleet.stop('The fleet was cancelled.');
    });
    while (!fleet.isOver) {
      const pausing = isHistoryLong(workflowInfo());
      if (!scope.consideredCancelled) phase = pausing ? 'pausing' : 'syncing';
      if (pausing && fleet.running === 0) await continueInNewRun(fleet);
      if (!pausing) for (const place of fleet.next()) void sync(fleet, place);
      const { ended } = fleet;
      // A cancelled fleet has its syncs cancelled too, and waits for their ends.
      await CancellationScope.nonCancellable(() => condition(() => fleet.ended > ended));
    }
    if (scope.consideredCancelled) throw cancelled(fleet, failedBefore);
  }

  /** Syncs one connection. That it fails is for the plan to know, and ends nothing here. */
  async function sync(fleet: FleetPlan, place: number): Promise<void> {
    const untilEnded = async () => {
      const { connectionId, name: connectionName, workspaceId } = fleet.connection(place);
      const child = await startSyncChild({ connectionId, ...options.sync }, { connectionName, workspaceId });
      fleet.started(place, child.workflowId);
      return endOfSync(await child.result());
    };
    fleet.end(place, await untilEnded().catch(outcomeOfFailedSync));
  }

  /** Nothing runs now, so nothing is lost, and nothing is started twice. */
  function continueInNewRun(fleet: FleetPlan): Promise<never> {
    const { connections: _, select: __, ...kept } = options;
    const carriedOptions = { ...kept, dependsOn: {} };
    return continueAsNew<typeof syncFleet>({ name }, { options: carriedOptions, plan: fleet.carried() });
  }

  /** The result, where all has gone well. */
  function conclude(fleet: FleetPlan): FleetResult {
    const result = fleet.result(name);
    const failed = describeFailedFleet(result);
    if (failed !== undefined) throw failure('AirbyteSyncFailed', failed, result);
    return result;
  }

  /** What a cancelled fleet ends with: a job that could not be cancelled may still be running, and has to be told of. */
  function cancelled(fleet: FleetPlan, failedBefore: number): Error {
    const result = fleet.result(name);
    if (result.counts.failed === failedBefore) return new CancelledFailure('The fleet was cancelled');
    return failure('AirbyteSyncFailed', `The fleet was cancelled. ${describeFailedFleet(result)}`, result);
  }
}

/** Whether the second argument is what an earlier run has handed over, and not something that a caller has put there. */
function isCarried(carried: unknown): carried is CarriedFleet {
  return isContinuedRun() && isObject(carried) && isObject(carried['options']) && isObject(carried['plan']);
}

/** The connections that are meant, with the order among them. */
async function findConnections({ connections, select, dependsOn }: FleetOptions): Promise<PlannedConnection[]> {
  const airbyte = airbyteCalls(SELECTING_MS, 'Find the connections of the fleet');
  const found = select
    ? await airbyte.selectConnections(select)
    : await airbyte.findConnections({ connections: connections?.map(({ connection }) => connection) ?? [] });
  const names = found.map(({ connectionId, name }, place) => {
    const written = connections?.[place]?.connection;
    return written === undefined ? [name, connectionId] : [written];
  });
  const { order, problems } = parseDependencies({ connections, dependsOn }, names);
  refuse([...duplicateProblems(found.map(({ connectionId }) => connectionId)), ...problems]);
  setWorkspaceAttribute(found);
  return found.map((connection, place) => ({ ...connection, dependsOn: order[place] ?? [] }));
}

function refuse(problems: LocatedProblem[]): void {
  if (problems.length > 0) throw failure('InvalidInput', describeLocatedProblems(problems));
}

/** Makes a fleet of one workspace findable by it. */
function setWorkspaceAttribute(connections: readonly { workspaceId?: string | undefined }[]): void {
  const [workspaceId, ...others] = new Set(connections.map((connection) => connection.workspaceId));
  if (workspaceId === undefined || others.length > 0) return;
  upsertSearchAttributes([{ key: keys.workspaceId, value: workspaceId }]);
}

function endOfSync({ jobId, status, recordsSynced, bytesSynced }: SyncConnectionResult): FleetConnectionOutcome {
  if (status === 'skipped') return { outcome: 'skipped', jobId, message: `Job ${jobId} was running on it already.` };
  return { outcome: 'succeeded', jobId, recordsSynced, bytesSynced };
}

/** @throws what is not the failure of a workflow, but a mistake of this one */
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
