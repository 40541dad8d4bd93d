import { type Command, Option } from 'commander';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../../src/contract/temporal-schedule';
import { type Scheduled, toOverlapPolicy } from '../../../src/schedules/schedule-definition';
import { CliError } from '../../cli-error';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { readConnectionOrFleet, withScheduled } from '../../lookup/connection-or-fleet';
import { findSchedule } from '../../lookup/schedule-lookup';

type Backfill = Scheduled & {
  scheduleId: string;
  /** ISO 8601. */
  from: string;
  to: string;
  overlap: OverlapPolicy;
};

interface BackfillOptions {
  json?: boolean;
  fleet?: string;
  from: string;
  to: string;
  overlap: OverlapPolicy;
}

/** A date, or a date and a time. Without a time zone it is in UTC. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

export function addBackfillCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('backfill')
    .summary('start the runs that were due in a past period')
    .description(
      'Starts the runs that a schedule would have started in a past period, for example during an outage or before the schedule existed.',
    )
    .requiredOption('--from <time>', 'start of the period: 2026-03-01, 2026-03-01T06:00 (UTC), 2026-03-01T06:00+01:00')
    .requiredOption('--to <time>', 'end of the period')
    .addOption(
      new Option('--overlap <policy>', 'what to do when a run is due while the one before it is still running')
        .choices(OVERLAP_POLICIES)
        .default('bufferAll'),
    )
    .action(async (connection: string | undefined, options: BackfillOptions) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const given = readConnectionOrFleet(connection, options);
      const [start, end] = [readTime('--from', options.from), readTime('--to', options.to)];
      if (start >= end) throw CliError.badInput('--to: expected a time after --from.');
      const { overlap } = options;
      const result = await withTemporal(env, async (temporal): Promise<Backfill> => {
        const { handle, scheduled } = await findSchedule(temporal, given, context.terminal);
        await handle.backfill({ start, end, overlap: toOverlapPolicy(overlap) });
        const { scheduleId } = handle;
        return { scheduleId, ...scheduled, from: start.toISOString(), to: end.toISOString(), overlap };
      });
      output.result(result, () => [
        `${result.scheduleId} starts the runs from ${result.from} to ${result.to} (${overlap}). \`temporal-airbyte schedule describe\` shows them.`,
      ]);
    });
  withScheduled(withJson(command));
}

function readTime(flag: string, text: string): Date {
  const hasZone = /T.*(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = new Date(TIME.test(text) && text.includes('T') && !hasZone ? `${text}Z` : text);
  if (!TIME.test(text) || Number.isNaN(time.getTime())) {
    throw CliError.badInput(`${flag}: expected a time such as 2026-03-01 or 2026-03-01T06:00Z, found '${text}'.`);
  }
  return time;
}
