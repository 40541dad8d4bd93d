import type { Command } from 'commander';
import { formatInterval } from '../../../src/contract/duration';
import type { OverlapPolicy } from '../../../src/contract/temporal-schedule';
import { type NormalizedSchedule, normalizeDescription, type Timing } from '../../../src/schedules/schedule-definition';
import type { TemporalClient } from '../../../src/temporal/connection';
import { oneLine } from '../../../src/text/control-characters';
import { formatMeasured, formatNumber, formatTime } from '../../../src/text/formatting';
import { firstLine } from '../../../src/text/shorten';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { readConnectionOrFleet, withScheduled } from '../../lookup/connection-or-fleet';
import { type FoundSchedule, findSchedule } from '../../lookup/schedule-lookup';
import { readScheduleRun, type ScheduleRun } from '../../lookup/schedule-runs';
import {
  describeDefiningDocument,
  describeNextRuns,
  describeOverlap,
  describeState,
  describeTiming,
} from '../../render/schedule-formatting';
import { renderTable, type TableColumn } from '../../render/table';
import { terminalWidth } from '../../render/terminal';
import { wrap } from '../../render/terminal-text';

const NEXT_RUNS_SHOWN = 5;

interface DescribedSchedule {
  scheduleId: string;
  /** Null for the schedule of a fleet. */
  connectionId: string | null;
  connectionName: string | null;
  /** The name of the fleet that it starts; null for the schedule of a connection. */
  fleet: string | null;
  /** The pipeline document that defines it; null if none does. */
  pipeline: string | null;
  /** The fleet document that defines it; null if none does. */
  fleetDocument: string | null;
  /** Null for times that were set with another tool. */
  timing: Timing | null;
  jitterMs: number;
  overlap: OverlapPolicy;
  catchUpWindowMs: number;
  pauseOnFailure: boolean;
  paused: boolean;
  note: string | null;
  taskQueue: string;
  workflowType: string;
  /** What each run is started with. */
  input: unknown;
  /** ISO 8601. */
  nextRuns: string[];
  /** The last runs, the newest first. */
  recentRuns: ScheduleRun[];
  runs: {
    started: number;
    /** Not started because the run before was still running. */
    skipped: number;
    /** Due while Temporal was down, and not started later because the catch-up window was over. */
    missed: number;
  };
}

export function addDescribeCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('describe')
    .summary('show a schedule: its times, its state and its last runs')
    .description(
      'Shows the schedule of a connection or a fleet: its next runs, whether it is paused and why, and the outcome of its last runs.',
    )
    .action(async (connection: string | undefined, options: { json?: boolean; fleet?: string }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const given = readConnectionOrFleet(connection, options);
      const schedule = await withTemporal(env, async (temporal) =>
        describe(temporal, await findSchedule(temporal, given, context.terminal)),
      );
      output.result(schedule, () => [
        ...toLines(schedule, terminalWidth(output.terminal.stdout)),
        ...(schedule.recentRuns.length === 0
          ? []
          : ['', ...renderTable(RUN_COLUMNS, schedule.recentRuns, terminalWidth(output.terminal.stdout))]),
      ]);
    });
  withScheduled(withJson(command));
}

async function describe(
  { client }: TemporalClient,
  { scheduled, description }: FoundSchedule,
): Promise<DescribedSchedule> {
  const { scheduleId, state, info } = description;
  const {
    connectionName,
    pipeline,
    fleet,
    timing,
    workspaceId: _,
    ...definition
  }: NormalizedSchedule = normalizeDescription(description);
  const runs = await Promise.all(info.recentActions.map((run) => readScheduleRun(client, run)));
  return {
    ...{ scheduleId, ...definition },
    connectionId: 'connectionId' in scheduled ? scheduled.connectionId : null,
    fleet: 'fleet' in scheduled ? scheduled.fleet : null,
    connectionName: connectionName ?? null,
    pipeline: pipeline ?? null,
    fleetDocument: fleet ?? null,
    timing: timing ?? null,
    paused: state.paused,
    note: state.note || null,
    nextRuns: info.nextActionTimes.slice(0, NEXT_RUNS_SHOWN).map((time) => time.toISOString()),
    recentRuns: runs.reverse(),
    runs: {
      started: info.numActionsTaken,
      skipped: info.numActionsSkippedOverlap,
      missed: info.numActionsMissedCatchupWindow,
    },
  };
}

function toLines(schedule: DescribedSchedule, columns: number): string[] {
  const { jitterMs, overlap, catchUpWindowMs, taskQueue, workflowType, runs } = schedule;
  const document = describeDefiningDocument({
    pipeline: schedule.pipeline ?? undefined,
    fleet: schedule.fleetDocument ?? undefined,
  });
  const jitter = jitterMs === 0 ? '' : `, each up to ${formatInterval(jitterMs)} later`;
  const counts = [`${formatNumber(runs.started)} started`, `${formatNumber(runs.skipped)} skipped`];
  const timing = schedule.timing ?? undefined;
  const field = (label: string, ...lines: string[]) => {
    const wrapped = lines.flatMap((line) => wrap(line, columns - LABEL_COLUMNS));
    return wrapped.map((line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)}${line}`);
  };
  const next = schedule.paused ? [] : describeNextRuns(schedule.nextRuns, timing);
  return [
    schedule.scheduleId,
    ...field(...describeScheduled(schedule)),
    ...field('runs', `${describeTiming(timing)}${jitter}`),
    ...field('state', `${describeState(schedule)}${schedule.pauseOnFailure ? '; pauses when a run fails' : ''}`),
    ...field('next', ...(next.length > 0 ? next : [schedule.paused ? 'none while it is paused' : 'none'])),
    ...field(
      'overlap',
      `${overlap}: when a run is due while the one before it is still running, ${describeOverlap(schedule)}`,
    ),
    ...field(
      'catch-up',
      `runs that were missed while Temporal was down, up to ${formatInterval(catchUpWindowMs)} late`,
    ),
    ...field('so far', [...counts, ...(runs.missed === 0 ? [] : [`${formatNumber(runs.missed)} missed`])].join(', ')),
    ...field('starts', `${workflowType} ${JSON.stringify(schedule.input)} on the task queue '${taskQueue}'`),
    ...(document === undefined ? [] : field('defined by', `the ${document}`)),
  ];
}

function describeScheduled({ connectionId, connectionName, fleet }: DescribedSchedule): [label: string, text: string] {
  if (fleet !== null) return ['fleet', oneLine(fleet)];
  return ['connection', connectionName === null ? `${connectionId}` : `${oneLine(connectionName)} (${connectionId})`];
}

/** The columns of the labels, with the blanks around them. */
const LABEL_COLUMNS = 15;

const RUN_COLUMNS: TableColumn<ScheduleRun>[] = [
  { header: 'STARTED', value: ({ startedAt }) => formatTime(Date.parse(startedAt)) },
  { header: 'OUTCOME', value: describeOutcome, shrinks: true },
  { header: 'JOB', value: ({ jobId }) => String(jobId ?? '-'), align: 'right' },
  { header: 'RECORDS', value: recordsText, align: 'right' },
  { header: 'WORKFLOW', value: ({ workflowId }) => workflowId },
];

function describeOutcome({ outcome, failure }: ScheduleRun): string {
  if (outcome !== 'failed' || failure === null) return outcome;
  return `${failure.type}: ${firstLine(failure.message)}`;
}

function recordsText({ outcome, recordsSynced }: ScheduleRun): string {
  if (recordsSynced === null && outcome !== 'succeeded') return '-';
  return formatMeasured(recordsSynced, formatNumber);
}
