import type { Command } from 'commander';
import type { CommandContext } from '../../command-context';
import { addBackfillCommand } from './backfill';
import { addCreateCommand } from './create';
import { addDeleteCommand } from './delete';
import { addDescribeCommand } from './describe';
import { addListCommand } from './list';
import { addPauseCommand, addResumeCommand } from './pause';
import { addTriggerCommand } from './trigger';

/** `temporal-airbyte schedule …`: the Temporal schedules that start the syncs of connections, and fleets. */
export function addScheduleCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('schedule')
    .summary('manage the Temporal schedules that start the syncs of connections, and fleets')
    .description(
      'Manages the Temporal schedules that start the syncs of connections, and fleets. A connection or fleet has at most one. The document of a pipeline or fleet can define it too, with `schedule: { every: 6h, by: temporal }`.',
    );
  addCreateCommand(group, context);
  addListCommand(group, context);
  addDescribeCommand(group, context);
  addPauseCommand(group, context);
  addResumeCommand(group, context);
  addTriggerCommand(group, context);
  addBackfillCommand(group, context);
  addDeleteCommand(group, context);
}
