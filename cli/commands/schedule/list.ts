import type { ScheduleSummary } from '@temporalio/client';
import type { Command } from 'commander';
import { workerSettings } from '../../../src/configuration/worker-settings';
import { searchAttributeKeys as keys } from '../../../src/contract/search-attribute-keys';
import { readTiming, type Scheduled, type Timing } from '../../../src/schedules/schedule-definition';
import { formatCount, formatTime } from '../../../src/text/formatting';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { listSchedules } from '../../lookup/schedule-lookup';
import { describeState, describeTiming } from '../../render/schedule-formatting';
import { renderTable, type TableColumn } from '../../render/table';
import { terminalWidth } from '../../render/terminal';

interface ListedSchedule {
  scheduleId: string;
  /** Null for the schedule of a fleet. */
  connectionId: string | null;
  connectionName: string | null;
  /** The name of the fleet that it starts; null for the schedule of a connection. */
  fleet: string | null;
  /** Null for times that were set with another tool. */
  timing: Timing | null;
  paused: boolean;
  note: string | null;
  /** ISO 8601; null when there is none. */
  nextRun: string | null;
  lastRun: string | null;
}

export function addListCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('list')
    .summary('list the schedules of this task queue')
    .description(
      'Lists the Temporal schedules that start syncs and fleets on this task queue. A schedule that was just created or changed may take some moments to appear.',
    )
    .action(async (options: { json?: boolean }) => {
      const output = outputOf(context, options);
      await withTemporal(context.terminal.env, async (temporal) => {
        const { taskQueue } = workerSettings(context.terminal.env);
        const schedules: ListedSchedule[] = [];
        for await (const { scheduled, summary } of listSchedules(temporal, taskQueue)) {
          schedules.push(toListed(scheduled, summary));
        }
        const { address, namespace } = temporal;
        const where = `Temporal at ${address} (namespace '${namespace}', task queue '${taskQueue}')`;
        output.note(
          schedules.length === 0
            ? `${where} has no schedule of a connection or a fleet yet. \`temporal-airbyte schedule create CONNECTION --every 6h\` creates one.`
            : `${formatCount(schedules.length, 'schedule')} in ${where}:`,
        );
        output.result({ schedules }, () =>
          schedules.length === 0 ? [] : renderTable(COLUMNS, schedules, terminalWidth(output.terminal.stdout)),
        );
      });
    });
  withJson(command);
}

function toListed(scheduled: Scheduled, summary: ScheduleSummary): ListedSchedule {
  const { scheduleId, spec, state, info, typedSearchAttributes } = summary;
  return {
    scheduleId,
    connectionId: 'connectionId' in scheduled ? scheduled.connectionId : null,
    connectionName: typedSearchAttributes?.get(keys.connectionName) ?? null,
    fleet: 'fleet' in scheduled ? scheduled.fleet : null,
    timing: readTiming(spec) ?? null,
    paused: state.paused,
    note: state.note || null,
    nextRun: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    lastRun: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
  };
}

const COLUMNS: TableColumn<ListedSchedule>[] = [
  {
    header: 'CONNECTION',
    value: ({ connectionName, fleet }) => connectionName ?? (fleet ? `fleet ${fleet}` : '-'),
    shrinks: true,
  },
  { header: 'ID', value: ({ connectionId }) => connectionId ?? '-' },
  { header: 'RUNS', value: ({ timing }) => describeTiming(timing ?? undefined), shrinks: true },
  { header: 'NEXT', value: ({ nextRun }) => timeOrDash(nextRun) },
  { header: 'LAST', value: ({ lastRun }) => timeOrDash(lastRun) },
  { header: 'STATE', value: describeState, shrinks: true },
];

function timeOrDash(time: string | null): string {
  return time === null ? '-' : formatTime(Date.parse(time));
}
