import type { Command } from 'commander';
import type { CommandContext } from '../../command-context';
import { addBackfillCommand } from './backfill';
import { addCreateCommand } from './create';
import { addDeleteCommand } from './delete';
import { addDescribeCommand } from './describe';
import { addListCommand } from './list';
import { addPauseCommand, addResumeCommand } from './pause';
import { addTriggerCommand } from './trigger';

/** `temporal-airbyte schedule …`: the Temporal schedules that start the syncs of connections. */
export function addScheduleCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('schedule')
    .summary('have Temporal start the syncs of a connection, at an interval or by a cron expression')
    .description(
      'Keeps Temporal schedules, which start the syncs of connections: a connection has one at most. A pipeline document can keep one as well, with `schedule: { every: 6h, by: temporal }`.',
    )
    .helpCommand(false);
  addCreateCommand(group, context);
  addListCommand(group, context);
  addDescribeCommand(group, context);
  addPauseCommand(group, context);
  addResumeCommand(group, context);
  addTriggerCommand(group, context);
  addBackfillCommand(group, context);
  addDeleteCommand(group, context);
}
