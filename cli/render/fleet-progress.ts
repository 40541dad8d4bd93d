import type { FleetConnectionProgress, FleetPhase, FleetProgress } from '../../src/contract/fleet-progress';
import { oneLine } from '../../src/text/control-characters';
import { countByName } from '../../src/text/duplicates';
import { formatNumber, formatVolume } from '../../src/text/formatting';
import { firstLine } from '../../src/text/shorten';
import { describeJob, type ProgressJob, type ProgressSnapshot, type ProgressStep } from './progress-display';

const STATES: Record<FleetPhase, ProgressStep['state']> = {
  waiting: 'to do',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
};

/** What a fleet waits for in a phase, where its steps do not show it. */
const WAITS: Partial<Record<FleetProgress['phase'], string>> = {
  pausing:
    'Waiting: the history of the fleet has become long, so it continues in a new run as soon as the running syncs have ended',
  cancelling: 'Waiting: the running jobs are being cancelled',
};

/** The progress of a fleet, with one step for each connection. */
export function fleetSnapshot({
  progress,
  jobs,
  waitingFor,
}: {
  progress: FleetProgress | undefined;
  jobs: ReadonlyMap<string, ProgressJob>;
  waitingFor?: string | undefined;
}): ProgressSnapshot {
  if (!progress) return { steps: [], waitingFor };
  const connections = progress.levels.flat();
  const label = labelsOf(connections);
  return {
    steps: connections.map((connection) => ({
      label: label(connection),
      state: STATES[connection.phase],
      detail: describeEnd(connection) ?? connection.phase,
      changing: describeJobOf(connection, jobs),
    })),
    summary: progress.phase === 'selecting' ? 'finding the connections' : describeCounts(progress),
    waitingFor: waitingFor ?? WAITS[progress.phase],
  };
}

/** The connections of a fleet whose syncs are running. */
export function runningConnections(progress: FleetProgress | undefined): FleetConnectionProgress[] {
  return progress?.levels.flat().filter(({ phase }) => phase === 'running') ?? [];
}

/** `3 of 12 done, 2 running, 1 failed`. */
export function describeCounts({ counts }: Pick<FleetProgress, 'counts'>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const some = (phase: FleetPhase) => (counts[phase] > 0 ? [`${formatNumber(counts[phase])} ${phase}`] : []);
  const done = `${formatNumber(all - counts.waiting - counts.running)} of ${formatNumber(all)} done`;
  return [done, ...some('running'), ...some('failed'), ...some('cancelled'), ...some('skipped')].join(', ');
}

/** How the sync of a connection ended; undefined while it has not ended. */
export function describeEnd(connection: FleetConnectionProgress): string | undefined {
  const { phase, jobId, type, message = '' } = connection;
  const reason = firstLine(message);
  switch (phase) {
    case 'succeeded':
      return [`job ${jobId}`, formatVolume(connection)].filter(Boolean).join(' · ');
    case 'failed':
      return [type, reason].filter(Boolean).join(': ');
    case 'cancelled':
    case 'skipped':
      return `${phase}: ${reason}`;
    default:
      return undefined;
  }
}

/** The job of a running connection; undefined before it has one. */
export function describeJobOf(
  { connectionId }: Pick<FleetConnectionProgress, 'connectionId'>,
  jobs: ReadonlyMap<string, ProgressJob>,
): string | undefined {
  const job = jobs.get(connectionId);
  return job && describeJob(job);
}

/** Labels connections by name, and adds the id where several have the same name. */
export function labelsOf(
  connections: readonly Pick<FleetConnectionProgress, 'connectionId' | 'name'>[],
): (connection: Pick<FleetConnectionProgress, 'connectionId' | 'name'>) => string {
  const counts = countByName(connections.map(({ name }) => name));
  return ({ connectionId, name }) => oneLine((counts.get(name) ?? 0) > 1 ? `${name} (${connectionId})` : name);
}
