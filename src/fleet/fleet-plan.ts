import { dependantsOf, dependencyLevels } from '../contract/fleet-dependencies';
import type { FleetConnectionProgress, FleetPhase, FleetPlanProgress } from '../contract/fleet-progress';
import { type FleetConnectionOutcome, type FleetResult, shortenName, shortenOutcome } from '../contract/fleet-result';

/** A connection of a fleet, with the places in the fleet of those it depends on. */
export interface PlannedConnection {
  connectionId: string;
  name: string;
  workspaceId?: string | undefined;
  dependsOn: number[];
}

export interface FleetLimits {
  maxConcurrent: number;
  onFailure: 'continue' | 'stop';
}

/** A plan as it goes into another run of the workflow, when nothing runs. */
export interface FleetPlanSnapshot {
  connections: PlannedConnection[];
  /** Null for those that have yet to run. */
  ends: (FleetConnectionOutcome | null)[];
}

interface Member extends PlannedConnection {
  state: 'waiting' | 'running' | FleetConnectionOutcome;
  syncWorkflowId?: string;
}

/**
 * Decides which connections of a fleet may start, and which never will: nobody starts before all it depends on have
 * succeeded, and no more run at once than may. It knows nothing of Temporal; whoever runs the syncs tells it of them.
 */
export class FleetPlan {
  private readonly members: Member[];
  private readonly dependants: number[][];
  private readonly levels: number[];
  private runningCount = 0;
  private endedCount = 0;

  constructor(
    connections: readonly PlannedConnection[],
    private readonly limits: FleetLimits,
    ends: FleetPlanSnapshot['ends'] = [],
  ) {
    this.members = connections.map((connection, place) => ({
      ...connection,
      name: shortenName(connection.name, connections.length),
      state: ends[place] ?? 'waiting',
    }));
    const order = connections.map(({ dependsOn }) => dependsOn);
    this.dependants = dependantsOf(order);
    this.levels = dependencyLevels(order);
    this.endedCount = this.members.filter(({ state }) => state !== 'waiting').length;
  }

  /** How many run now. */
  get running(): number {
    return this.runningCount;
  }

  /** How many have come to an end, or never will start. */
  get ended(): number {
    return this.endedCount;
  }

  get isOver(): boolean {
    return this.endedCount === this.members.length;
  }

  get counts(): Record<FleetPhase, number> {
    const counts = { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
    for (const member of this.members) counts[phaseOf(member)] += 1;
    return counts;
  }

  connection(place: number): PlannedConnection {
    return this.member(place);
  }

  /** The places of those that start now, the first in the list first. From here on they count as running. */
  next(): number[] {
    const starting: number[] = [];
    for (const [place, member] of this.members.entries()) {
      if (this.runningCount >= this.limits.maxConcurrent) break;
      if (member.state !== 'waiting' || !member.dependsOn.every((on) => this.hasSucceeded(on))) continue;
      member.state = 'running';
      this.runningCount += 1;
      starting.push(place);
    }
    return starting;
  }

  /** Tells the workflow that syncs a connection. */
  started(place: number, syncWorkflowId: string): void {
    this.member(place).syncWorkflowId = syncWorkflowId;
  }

  /** Tells how a connection that ran has ended, and skips those that never will start because of it. */
  end(place: number, end: FleetConnectionOutcome): void {
    const member = this.member(place);
    if (member.state !== 'running') throw new Error(`${member.name} does not run, and cannot end`);
    this.runningCount -= 1;
    this.settle(member, end);
    if (end.outcome === 'succeeded') return;
    this.skipDependents(place);
    const failed = end.outcome === 'failed' || end.outcome === 'cancelled';
    if (failed && this.limits.onFailure === 'stop')
      this.stop(`The fleet stopped, because '${member.name}' ${was(end)}.`);
  }

  /** Starts no more. Those that run are left alone. */
  stop(reason: string): void {
    for (const member of this.members) {
      if (member.state === 'waiting') this.settle(member, { outcome: 'skipped', message: reason });
    }
  }

  progress(): FleetPlanProgress {
    const levels: FleetConnectionProgress[][] = [];
    const ends = this.told;
    for (const [place, member] of this.members.entries()) {
      const level = this.levels[place] ?? 0;
      levels[level] ??= [];
      levels[level].push(this.progressOf(member, ends));
    }
    return { counts: this.counts, levels };
  }

  result(name: string): FleetResult {
    const { waiting, running, ...counts } = this.counts;
    const ended = this.told;
    const connections = this.members.map((member) => {
      const { connectionId, name, state } = member;
      if (typeof state === 'string') throw new Error(`${name} has not ended`);
      return { connectionId, name, ...shortenOutcome(state, ended) };
    });
    const unmeasured = connections.filter(({ recordsSynced }) => recordsSynced === null).length;
    return {
      ...{ name, counts, recordsSynced: totalOf(connections, 'recordsSynced') },
      ...{ bytesSynced: totalOf(connections, 'bytesSynced'), ...(unmeasured > 0 && { unmeasured }) },
      connections,
    };
  }

  /** For another run of the workflow. Nothing may run. */
  carried(): FleetPlanSnapshot {
    const ended = this.told;
    const ends = this.members.map(({ name, state }) => {
      if (state === 'running') throw new Error(`${name} runs, and would be lost`);
      return state === 'waiting' ? null : shortenOutcome(state, ended);
    });
    const connections = this.members.map(({ connectionId, name, workspaceId, dependsOn }) => ({
      ...{ connectionId, name, dependsOn },
      ...(workspaceId !== undefined && { workspaceId }),
    }));
    return { connections, ends };
  }

  /** How many ends have something to tell. */
  private get told(): number {
    return this.members.filter(({ state }) => typeof state !== 'string' && state.message !== undefined).length;
  }

  private member(place: number): Member {
    const member = this.members[place];
    if (member === undefined) throw new RangeError(`The fleet has no place ${place}`);
    return member;
  }

  private hasSucceeded(place: number): boolean {
    return phaseOf(this.member(place)) === 'succeeded';
  }

  private settle(member: Member, end: FleetConnectionOutcome): void {
    member.state = end;
    delete member.syncWorkflowId;
    this.endedCount += 1;
  }

  /** Those that depend on it, those that depend on these, and so on. */
  private skipDependents(place: number): void {
    const causes = [place];
    for (let cause = causes.pop(); cause !== undefined; cause = causes.pop()) {
      const { name, state } = this.member(cause);
      if (typeof state === 'string') continue;
      const message = `It depends on '${name}', which ${was(state)}.`;
      for (const dependant of this.dependants[cause] ?? []) {
        const member = this.member(dependant);
        if (member.state !== 'waiting') continue;
        this.settle(member, { outcome: 'skipped', message });
        causes.push(dependant);
      }
    }
  }

  private progressOf(member: Member, ends: number): FleetConnectionProgress {
    const { connectionId, name, state, syncWorkflowId } = member;
    const { outcome, ...end } = typeof state === 'string' ? { outcome: state } : shortenOutcome(state, ends);
    return {
      ...{ connectionId, name, phase: outcome },
      dependsOn: member.dependsOn.map((on) => this.member(on).connectionId),
      ...(syncWorkflowId !== undefined && { syncWorkflowId }),
      ...end,
    };
  }
}

/** Nothing to count is 0; nothing but what was not measured is null. */
function totalOf(ends: readonly FleetConnectionOutcome[], field: 'recordsSynced' | 'bytesSynced'): number | null {
  const counts = ends.map((end) => end[field]).filter((count) => count !== undefined);
  const measured = counts.filter((count) => count !== null);
  return counts.length > 0 && measured.length === 0 ? null : measured.reduce((total, count) => total + count, 0);
}

function phaseOf({ state }: Member): FleetPhase {
  return typeof state === 'string' ? state : state.outcome;
}

function was({ outcome }: FleetConnectionOutcome): string {
  return outcome === 'failed' ? 'failed' : `was ${outcome}`;
}
