import type { Command } from 'commander';
import { normalizeDescription, type Scheduled } from '../../../src/schedules/schedule-definition';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { readConnectionOrFleet, withScheduled } from '../../lookup/connection-or-fleet';
import { findSchedule } from '../../lookup/schedule-lookup';
import { describeDefiningDocument } from '../../render/schedule-formatting';

type DeletedSchedule = Scheduled & { scheduleId: string };

export function addDeleteCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('delete')
    .summary('delete a schedule')
    .description(
      'Deletes the schedule of a connection or a fleet. A run that has started continues. Nothing starts further syncs, because the schedule of the connection in Airbyte stays manual.',
    )
    .action(async (connection: string | undefined, options: { json?: boolean; fleet?: string }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const given = readConnectionOrFleet(connection, options);
      const result = await withTemporal(env, async (temporal): Promise<DeletedSchedule> => {
        const { handle, scheduled, description } = await findSchedule(temporal, given, context.terminal);
        await handle.delete();
        const document = describeDefiningDocument(normalizeDescription(description));
        if (document !== undefined) {
          output.note(`The ${document} defined this schedule: applying it again creates the schedule again.`);
        }
        return { scheduleId: handle.scheduleId, ...scheduled };
      });
      output.result(result, () => [
        `${result.scheduleId} is deleted. Nothing starts ${'fleet' in result ? 'the fleet' : "the connection's syncs"} now.`,
      ]);
    });
  withScheduled(withJson(command));
}
