import type { Command } from 'commander';
import type { Scheduled } from '../../../src/schedules/schedule-definition';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { readConnectionOrFleet, withScheduled } from '../../lookup/connection-or-fleet';
import { findSchedule } from '../../lookup/schedule-lookup';

type ScheduleStateChange = Scheduled & {
  scheduleId: string;
  paused: boolean;
  note: string;
};

export function addPauseCommand(group: Command, context: CommandContext): void {
  addStateCommand(group, context, {
    name: 'pause',
    summary: 'pause a schedule',
    description: 'Pauses the schedule of a connection or a fleet. A run that has started continues.',
    paused: true,
    note: 'Paused with temporal-airbyte.',
  });
}

export function addResumeCommand(group: Command, context: CommandContext): void {
  addStateCommand(group, context, {
    name: 'resume',
    summary: 'resume a paused schedule',
    description: 'Resumes a paused schedule. Runs that were due while it was paused are not started.',
    paused: false,
    note: 'Resumed with temporal-airbyte.',
  });
}

interface StateCommand {
  name: string;
  summary: string;
  description: string;
  paused: boolean;
  /** The default of `--note`. */
  note: string;
}

function addStateCommand(
  group: Command,
  context: CommandContext,
  { name, summary, description, paused, note }: StateCommand,
): void {
  const command = group
    .command(name)
    .summary(summary)
    .description(description)
    .option('--note <text>', 'reason, shown with the schedule', note)
    .action(async (connection: string | undefined, options: { json?: boolean; fleet?: string; note: string }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const given = readConnectionOrFleet(connection, options);
      const result = await withTemporal(env, async (temporal): Promise<ScheduleStateChange> => {
        const { handle, scheduled } = await findSchedule(temporal, given, context.terminal);
        await (paused ? handle.pause(options.note) : handle.unpause(options.note));
        return { scheduleId: handle.scheduleId, ...scheduled, paused, note: options.note };
      });
      output.result(result, () => [`${result.scheduleId} ${paused ? 'is paused' : 'is active again'}.`]);
    });
  withScheduled(withJson(command));
}
