import type { Command } from 'commander';
import { normalizeDescription } from '../../../src/schedules/schedule-definition';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { findSchedule } from '../../lookup/schedule-lookup';

interface DeletedSchedule {
  scheduleId: string;
  connectionId: string;
}

export function addDeleteCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('delete')
    .summary('delete a schedule')
    .description(
      'Deletes the schedule of a connection. A run that has started continues. Nothing starts further syncs, because the schedule of the connection in Airbyte stays manual.',
    )
    .argument('<connection>', 'id or name of the connection')
    .action(async (given: string, options: { json?: boolean }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const result = await withTemporal(env, async (temporal): Promise<DeletedSchedule> => {
        const { handle, connectionId, description } = await findSchedule(temporal, given, context.terminal);
        await handle.delete();
        const { pipeline } = normalizeDescription(description);
        if (pipeline !== undefined) {
          output.note(
            `The pipeline document '${pipeline}' defined this schedule: applying it again creates the schedule again.`,
          );
        }
        return { scheduleId: handle.scheduleId, connectionId };
      });
      output.result(result, () => [`${result.scheduleId} is deleted. Nothing starts the connection's syncs now.`]);
    });
  withJson(command);
}
