/** The state of a running fleet: which connections wait, run or have ended, and which start next. */
import { dependantsOf, dependencyLevels } from '../contract/fleet-dependencies';
import type { FleetConnectionProgress, FleetPhase, FleetPlanProgress } from '../contract/fleet-progress';
import { type FleetConnectionOutcome, type FleetResult, shortenName, shortenOutcome } from '../contract/fleet-result';

/** A connection of a fleet, with the indexes in the fleet of the connections it depends on. */
export interface FleetMember {
  connectionId: string;
  name: string;
  workspaceId?: string | undefined;
  dependsOn: number[];
}

export interface FleetLimits {
  maxConcurrent: number;
  onFailure: 'continue' | 'stop';
}

/** A plan as one run of the workflow passes it to the next, while no sync runs. */
export interface FleetPlanSnapshot {
  connections: FleetMember[];
  /** Null for connections that have not run yet. */
  ends: (FleetConnectionOutcome | null)[];
}

interface Member extends FleetMember {
  state: 'waiting' | 'running' | FleetConnectionOutcome;
  syncWorkflowId?: string;
}

/**
 * Decides which connections of a fleet may start, and which never will: a connection starts once all connections that it
 * depends on have succeeded, and at most `maxConcurrent` run at a time. It knows nothing of Temporal: the workflow that
 * runs the syncs reports their starts and ends to it.
 */
export class FleetPlan {
  private readonly members: Member[];
  private readonly dependants: number[][];
  private readonly levels: number[];
  private runningCount = 0;
  private endedCount = 0;

  constructor(
    connections: readonly FleetMember[],
    private readonly limits: FleetLimits,
    ends: FleetPlanSnapshot['ends'] = [],
  ) {
    this.members = connections.map((connection, index) => ({
      ...connection,
      name: shortenName(connection.name, connections.length),
      state: ends[index] ?? 'waiting',
    }));
    const order = connections.map(({ dependsOn }) => dependsOn);
    this.dependants = dependantsOf(order);
    this.levels = dependencyLevels(order);
    this.endedCount = this.members.filter(({ state }) => state !== 'waiting').length;
  }

  /** How many connections run. */
  get running(): number {
    return this.runningCount;
  }

  /** How many have ended or were skipped. */
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

  connection(index: number): FleetMember {
    return this.member(index);
  }

  /** The indexes of the connections that start now, in the order of the list. From here on they count as running. */
  next(): number[] {
    const starting: number[] = [];
    for (const [index, member] of this.members.entries()) {
      if (this.runningCount >= this.limits.maxConcurrent) break;
      if (member.state !== 'waiting' || !member.dependsOn.every((on) => this.hasSucceeded(on))) continue;
      member.state = 'running';
      this.runningCount += 1;
      starting.push(index);
    }
    return starting;
  }

  /** Records the workflow that syncs a connection. */
  started(index: number, syncWorkflowId: string): void {
    this.member(index).syncWorkflowId = syncWorkflowId;
  }

  /** Records how a running connection has ended, and skips those that can no longer start because of it. */
  end(index: number, end: FleetConnectionOutcome): void {
    const member = this.member(index);
    if (member.state !== 'running') throw new Error(`${member.name} is not running, so it cannot end`);
    this.runningCount -= 1;
    this.settle(member, end);
    if (end.outcome === 'succeeded') return;
    this.skipDependents(index);
    const failed = end.outcome === 'failed' || end.outcome === 'cancelled';
    if (failed && this.limits.onFailure === 'stop')
      this.stop(`The fleet stopped, because '${member.name}' ${pastTense(end)}.`);
  }

  /** Skips all that have not started. Those that run go on. */
  stop(reason: string): void {
    for (const member of this.members) {
      if (member.state === 'waiting') this.settle(member, { outcome: 'skipped', message: reason });
    }
  }

  progress(): FleetPlanProgress {
    const levels: FleetConnectionProgress[][] = [];
    const ends = this.endsWithMessage;
    for (const [index, member] of this.members.entries()) {
      const level = this.levels[index] ?? 0;
      levels[level] ??= [];
      levels[level].push(this.progressOf(member, ends));
    }
    return { counts: this.counts, levels };
  }

  /** The first connections that run, and the first that have failed or were cancelled. */
  listed(limit: number): Record<'running' | 'failed', FleetConnectionProgress[]> {
    const first = (...phases: FleetPhase[]) =>
      this.members
        .filter((member) => phases.includes(phaseOf(member)))
        .slice(0, limit)
        .map((member) => this.progressOf(member, limit));
    return { running: first('running'), failed: first('failed', 'cancelled') };
  }

  result(name: string): FleetResult {
    const { waiting, running, ...counts } = this.counts;
    const ended = this.endsWithMessage;
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

  /** The plan for the next run of the workflow. @throws when a sync runs */
  snapshot(): FleetPlanSnapshot {
    const ended = this.endsWithMessage;
    const ends = this.members.map(({ name, state }) => {
      if (state === 'running') throw new Error(`${name} is running, so the fleet cannot continue as new`);
      return state === 'waiting' ? null : shortenOutcome(state, ended);
    });
    const connections = this.members.map(({ connectionId, name, workspaceId, dependsOn }) => ({
      ...{ connectionId, name, dependsOn },
      ...(workspaceId !== undefined && { workspaceId }),
    }));
    return { connections, ends };
  }

  /** How many ends have a message, among which the room for messages is divided. */
  private get endsWithMessage(): number {
    return this.members.filter(({ state }) => typeof state !== 'string' && state.message !== undefined).length;
  }

  private member(index: number): Member {
    const member = this.members[index];
    if (member === undefined) throw new RangeError(`The fleet has no connection ${index}`);
    return member;
  }

  private hasSucceeded(index: number): boolean {
    return phaseOf(this.member(index)) === 'succeeded';
  }

  private settle(member: Member, end: FleetConnectionOutcome): void {
    member.state = end;
    delete member.syncWorkflowId;
    this.endedCount += 1;
  }

  /** Skips the connections that depend on it, directly or through others. */
  private skipDependents(index: number): void {
    const causes = [index];
    for (let cause = causes.pop(); cause !== undefined; cause = causes.pop()) {
      const { name, state } = this.member(cause);
      if (typeof state === 'string') continue;
      const message = `It depends on '${name}', which ${pastTense(state)}.`;
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

/** 0 when no connection has a count; null when none of the counts was measured. */
function totalOf(ends: readonly FleetConnectionOutcome[], field: 'recordsSynced' | 'bytesSynced'): number | null {
  const counts = ends.map((end) => end[field]).filter((count) => count !== undefined);
  const measured = counts.filter((count) => count !== null);
  return counts.length > 0 && measured.length === 0 ? null : measured.reduce((total, count) => total + count, 0);
}

function phaseOf({ state }: Member): FleetPhase {
  return typeof state === 'string' ? state : state.outcome;
}

function pastTense({ outcome }: FleetConnectionOutcome): string {
  return outcome === 'failed' ? 'failed' : `was ${outcome}`;
}
