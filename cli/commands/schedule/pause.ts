import type { Command } from 'commander';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { findSchedule } from '../../lookup/schedule-lookup';

interface ScheduleStateChange {
  scheduleId: string;
  connectionId: string;
  paused: boolean;
  note: string;
}

export function addPauseCommand(group: Command, context: CommandContext): void {
  addStateCommand(group, context, {
    name: 'pause',
    summary: 'pause a schedule; a run that is going goes on',
    paused: true,
    note: 'Paused with temporal-airbyte.',
  });
}

export function addResumeCommand(group: Command, context: CommandContext): void {
  addStateCommand(group, context, {
    name: 'resume',
    summary: 'have a paused schedule run again; what was due meanwhile is not made up for',
    paused: false,
    note: 'Resumed with temporal-airbyte.',
  });
}

interface StateCommand {
  name: string;
  summary: string;
  paused: boolean;
  /** When none is given. */
  note: string;
}

function addStateCommand(group: Command, context: CommandContext, { name, summary, paused, note }: StateCommand): void {
  const command = group
    .command(name)
    .summary(summary)
    .argument('<connection>', 'id or name of the connection')
    .option('--note <text>', 'why; shown with the schedule', note)
    .action(async (given: string, options: { json?: boolean; note: string }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const result = await withTemporal(env, async (temporal): Promise<ScheduleStateChange> => {
        const { handle, connectionId } = await findSchedule(temporal, given, env);
        await (paused ? handle.pause(options.note) : handle.unpause(options.note));
        return { scheduleId: handle.scheduleId, connectionId, paused, note: options.note };
      });
      output.result(result, () => [`${result.scheduleId} ${paused ? 'is paused' : 'runs again'}.`]);
    });
  withJson(command);
}
