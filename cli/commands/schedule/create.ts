import { type Command, Option } from 'commander';
import type { AirbyteClient } from '../../../src/airbyte/client';
import { withWorkspace } from '../../../src/airbyte/lookup/connection-workspace';
import type { Connection } from '../../../src/airbyte/schemas';
import { workerSettings } from '../../../src/configuration/worker-settings';
import type { AppliedSchedule } from '../../../src/contract/applied-schedule';
import {
  type FleetSchedule,
  OVERLAP_POLICIES,
  type TemporalSchedule,
  temporalScheduleSchema,
} from '../../../src/contract/temporal-schedule';
import { toProblems } from '../../../src/contract/validation/schema-problems';
import { fromAirbyteSchedule } from '../../../src/documents/connection-schedule';
import { readFleetDocument } from '../../../src/documents/parse-document';
import { updateConnectionFields } from '../../../src/reconcile/connection-update';
import { applySchedule, describeSchedule, type ScheduleState } from '../../../src/schedules/apply-schedule';
import { notesOnClockChanges } from '../../../src/schedules/daylight-saving';
import { normalizeDescription, readTiming, type Scheduled } from '../../../src/schedules/schedule-definition';
import type { TemporalClient } from '../../../src/temporal/connection';
import { CliError } from '../../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson, withTemporal } from '../../command-context';
import { EXIT } from '../../exit-codes';
import { rejectedSchedule } from '../../follow/fleet-schedule';
import { requireSearchAttributes } from '../../follow/search-attributes';
import { describeConnection, findConnection } from '../../lookup/connection-lookup';
import { readConnectionOrFleet } from '../../lookup/connection-or-fleet';
import type { Output } from '../../render/output';
import {
  describeDefiningDocument,
  describeDocumentSchedule,
  describeNextRuns,
  describeTiming,
} from '../../render/schedule-formatting';
import { badFlags, readSyncInput, type SyncFlags, withSyncOptions } from '../../sync-options';

interface CreateOptions extends SyncFlags {
  json?: boolean;
  fleet?: string;
  every?: string;
  cron?: string;
  timeZone?: string;
  jitter?: string;
  overlap?: string;
  catchUpWindow?: string;
  pauseOnFailure?: boolean;
  paused?: boolean;
  note?: string;
  update?: boolean;
}

interface CreatedSchedule {
  scheduleId: string;
  outcome: AppliedSchedule['outcome'];
  /** The fields that were changed, in the words of a document. */
  changed: string[];
  paused: boolean;
  /** ISO 8601. */
  nextRuns: string[];
}

interface CreatedConnectionSchedule extends CreatedSchedule {
  connectionId: string;
  connectionName: string | null;
  /** Whether Airbyte had a schedule for the connection, which the command set to manual. */
  airbyteScheduleEnded: boolean;
}

export function addCreateCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('create')
    .summary('create or change the schedule of a connection or a fleet')
    .description(
      'Creates a Temporal schedule that starts the syncs of a connection, or the fleet of a document. Sets the schedule that the connection has in Airbyte to manual, because both would start syncs.',
    )
    .argument('[connection]', 'id or name of the connection')
    .option('--fleet <file>', 'the document of a fleet to start, YAML or JSON, instead of a connection')
    .option('--every <interval>', 'interval between two runs: 30m, 6h, 1 day')
    .option('--cron <expression>', "crontab expression: '0 */6 * * *' is every six hours")
    .option('--time-zone <zone>', 'time zone of the crontab expression, such as Europe/Paris (default: UTC)')
    .option('--jitter <duration>', 'delay each run by a random time up to this (default: none)')
    .addOption(
      new Option(
        '--overlap <policy>',
        'what to do when a run is due while the one before it is still running (default: skip)',
      ).choices(OVERLAP_POLICIES),
    )
    .option(
      '--catch-up-window <duration>',
      'start runs that were missed while Temporal was down, up to this late (default: 365 days)',
    )
    .option('--pause-on-failure', 'pause the schedule when a run fails')
    .option('--paused', 'create it paused')
    .option('--note <text>', 'note shown with the schedule, for example why it is paused')
    .option('--update', 'change the existing schedule of the connection or the fleet to this one');
  withJson(withSyncOptions(command)).action((connection: string | undefined, options: CreateOptions) => {
    const given = readConnectionOrFleet(connection, options);
    return 'fleet' in given
      ? createOfFleet(context, given.fleet, options)
      : createOfConnection(context, given.connection, options);
  });
}

async function createOfConnection(context: CommandContext, idOrName: string, options: CreateOptions): Promise<void> {
  const output = outputOf(context, options);
  const { env } = context.terminal;
  // Checks the options before it sends any request.
  const schedule = readTemporalSchedule(options);
  for (const note of notesOnClockChanges(schedule)) output.note(note);
  const result: CreatedConnectionSchedule = await withAirbyte(context.terminal, (airbyte) =>
    withTemporal(env, async (temporal) => {
      const { taskQueue } = workerSettings(env);
      const connection = await withWorkspace(airbyte, await findConnection(airbyte, idOrName));
      checkStatus(output, connection);
      output.note(`Scheduling the syncs of ${describeConnection(connection)} in Temporal.`);
      await requireReplaceable(temporal, connection, describeConnection(connection), {
        taskQueue,
        update: options.update === true,
      });
      await requireSearchAttributes(temporal);
      const desired = { connection, schedule, taskQueue };
      const applied = await applySchedule(temporal.client.schedule, desired, nextState(options)).catch(
        rejectedSchedule,
      );
      const airbyteScheduleEnded = await disableAirbyteSchedule(output, airbyte, connection);
      const { connectionId, name } = connection;
      const created = await readBack(temporal, applied);
      return { ...created, connectionId, connectionName: name ?? null, airbyteScheduleEnded };
    }),
  );
  output.result(result, () => describe(result, schedule));
}

async function createOfFleet(context: CommandContext, file: string, options: CreateOptions): Promise<void> {
  const output = outputOf(context, options);
  const { env } = context.terminal;
  rejectSyncFlags(options);
  const { sync: _, ...schedule } = readTemporalSchedule(options);
  const { schedule: inDocument, ...fleet } = await readFleetDocument(file);
  if (inDocument !== undefined) {
    throw CliError.badInput(
      `${file} has a schedule: \`temporal-airbyte apply ${file}\` creates it. Remove it from the document to create another one here.`,
    );
  }
  for (const note of notesOnClockChanges(schedule)) output.note(note);
  const { name } = fleet;
  const result = await withTemporal(env, async (temporal) => {
    output.note(`Scheduling the fleet '${name}' in Temporal.`);
    const { taskQueue } = workerSettings(env);
    const update = options.update === true;
    await requireReplaceable(temporal, { fleet: name }, `the fleet '${name}'`, { taskQueue, update });
    const desired = { fleet, schedule, taskQueue, inDocument: false };
    const applied = await applySchedule(temporal.client.schedule, desired, nextState(options)).catch(rejectedSchedule);
    return { fleet: name, ...(await readBack(temporal, applied)) };
  });
  output.result(result, () => describe(result, schedule));
}

/** @throws CliError that names the options of syncs, which the document of a fleet has */
function rejectSyncFlags(options: CreateOptions): void {
  const { jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured } = options;
  const flags = { jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const message = "has no effect with --fleet: the options of a fleet's syncs are in its document, under sync.";
  if (given.length > 0) throw badFlags(given.map(([path]) => ({ path, message })));
}

/** @throws CliError when the connection was deleted: Airbyte still returns a deleted connection by its id */
function checkStatus(output: Output, connection: Connection): void {
  const { status } = connection;
  if (status === 'deprecated') {
    throw new CliError(EXIT.badInput, 'AirbyteNotFound', `Airbyte has deleted ${describeConnection(connection)}.`);
  }
  if (status === 'inactive') {
    output.note('The connection is inactive: its runs will fail until its status is active in Airbyte.');
  }
}

/** @throws CliError that names the invalid options */
function readTemporalSchedule(options: CreateOptions): TemporalSchedule {
  const { every, cron, timeZone, jitter, overlap, catchUpWindow, pauseOnFailure } = options;
  if ((every === undefined) === (cron === undefined)) {
    throw CliError.badInput("--every or --cron: give one of them, such as --every 6h or --cron '0 */6 * * *'.");
  }
  if (every !== undefined && timeZone !== undefined) {
    throw CliError.badInput('--time-zone: has no effect on --every; it is the time zone of --cron.');
  }
  const { connectionId: _, ...sync } = readSyncInput('any', options);
  const given = { every, cron, timeZone, jitter, overlap, catchUpWindow, pauseOnFailure };
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const parsed = temporalScheduleSchema().safeParse({ by: 'temporal', ...fields });
  if (!parsed.success) throw badFlags(toProblems(parsed.error));
  return { ...parsed.data, sync };
}

/** @throws CliError when there is a schedule that this command may not change */
async function requireReplaceable(
  { client }: TemporalClient,
  scheduled: Scheduled,
  named: string,
  { taskQueue, update }: { taskQueue: string; update: boolean },
): Promise<void> {
  const existing = await describeSchedule(client.schedule, scheduled, taskQueue);
  if (!existing) return;
  const document = describeDefiningDocument(normalizeDescription(existing));
  if (document === undefined && update) return;
  const way =
    document === undefined
      ? '--update changes it to this one, `temporal-airbyte schedule delete` deletes it.'
      : `The ${document} defines it: change its ${'fleet' in scheduled ? 'schedule' : 'connection.schedule'}, and apply it.`;
  throw new CliError(
    EXIT.badInput,
    'ScheduleExists',
    `Temporal has a schedule for ${named} already: ${describeTiming(readTiming(existing.spec))}. ${way}`,
  );
}

function nextState({ paused, note }: CreateOptions) {
  return (state: ScheduleState = { paused: false }): ScheduleState => ({
    paused: paused ?? state.paused,
    note: note ?? state.note,
  });
}

/** Sets the connection's schedule in Airbyte to manual: otherwise Airbyte would start syncs in addition to Temporal. */
async function disableAirbyteSchedule(
  output: Output,
  airbyte: AirbyteClient,
  connection: Connection,
): Promise<boolean> {
  if (fromAirbyteSchedule(connection).type === 'manual') return false;
  await updateConnectionFields(airbyte.connections, connection.connectionId, {}, 'manual');
  output.note("The connection's schedule in Airbyte is now manual, because Temporal starts its syncs.");
  return true;
}

async function readBack(
  { client }: TemporalClient,
  { scheduleId, outcome, changed }: AppliedSchedule,
): Promise<CreatedSchedule> {
  const { state, info } = await client.schedule.getHandle(scheduleId).describe();
  const nextRuns = info.nextActionTimes.map((time) => time.toISOString());
  return { scheduleId, outcome, changed, paused: state.paused, nextRuns };
}

function describe({ scheduleId, outcome, paused, nextRuns }: CreatedSchedule, schedule: FleetSchedule): string[] {
  const next =
    nextRuns.length === 0
      ? 'It has no further runs.'
      : `Next runs: ${describeNextRuns(nextRuns.slice(0, 3), schedule).join(', ')}.`;
  return [`${scheduleId} ${outcome}: ${describeDocumentSchedule(schedule)}.`, paused ? 'It is paused.' : next];
}
