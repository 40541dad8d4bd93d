import { type Command, Option } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import { AirbyteError } from '../../src/airbyte/errors';
import type { Job } from '../../src/airbyte/jobs';
import { listRecentJobs } from '../../src/airbyte/lookup/recent-jobs';
import type { Connection } from '../../src/airbyte/schemas';
import type { JobIdentity, JobTimes, MovedCounts } from '../../src/contract/job-outcome';
import { readOutcome } from '../../src/jobs/job-outcome';
import { listConnections } from '../../src/reconcile/lookup/connections';
import { formatBytes, formatDuration, formatMeasured, formatNumber, formatTime } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { showFleet, watchFleet } from '../follow/fleet-status';
import { type WatchedStatus, watchStatus } from '../follow/watch-status';
import { findConnection } from '../lookup/connection-lookup';
import type { Output } from '../render/output';
import { renderTable, type TableColumn } from '../render/table';
import { canRedraw, type Terminal, terminalWidth } from '../render/terminal';

const JOBS_SHOWN = 20;

interface JobLine extends JobIdentity, MovedCounts, JobTimes {
  connectionId: string | null;
  connectionName: string | null;
  jobType: string;
}

export function addStatusCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .summary('show recent jobs, or the status of a fleet')
    .description(
      'Shows the recent jobs of one or all connections from Airbyte: id, status, records, bytes. With --fleet, shows the connections of a fleet from Temporal, as a tree. With --watch, shows them until Ctrl-C.',
    )
    .argument('[connection]', 'id or name of the connection')
    .option('--fleet <name>', 'show the status of the fleet with this name')
    .addOption(new Option('--watch', 'show changes until Ctrl-C, or until the fleet has ended').conflicts('json'))
    .action(async (idOrName: string | undefined, options: StatusOptions) => {
      const output = outputOf(context, options);
      const { fleet, watch } = options;
      if (fleet !== undefined) {
        if (idOrName !== undefined) throw CliError.badInput('Give a connection or --fleet, not both.');
        await withTemporal(context.terminal.env, (temporal) =>
          watch ? watchFleet(context, temporal, fleet) : showFleet(output, temporal, fleet),
        );
        return;
      }
      await withAirbyte(context.terminal, async (airbyte) => {
        const read = () => (idOrName === undefined ? allJobs(airbyte) : jobsOf(airbyte, idOrName));
        if (!watch) return show(output, airbyte, idOrName, await read());
        output.note(`The newest jobs of ${describeWhose(idOrName)} in Airbyte at ${airbyte.url} (Ctrl-C ends):`);
        return watchStatus(context, async () => toWatched(await read(), idOrName, context.terminal));
      });
    });
  withJson(command);
}

interface StatusOptions {
  json?: boolean;
  fleet?: string;
  watch?: boolean;
}

/** On a terminal with the newest job first, elsewhere with the newest last, because new lines follow. */
function toWatched(jobs: JobLine[], idOrName: string | undefined, { stdout, env }: Terminal): WatchedStatus {
  const inOrder = canRedraw(stdout, env) ? jobs : jobs.toReversed();
  const [header = '', ...rows] = renderTable(tableColumns(idOrName), inOrder, terminalWidth(stdout));
  const lines = inOrder.map(({ jobId, status }, index) => ({
    ...{ key: String(jobId), state: status, text: rows[index] ?? '' },
  }));
  return { heading: [header], lines, isFinal: false };
}

function describeWhose(idOrName: string | undefined): string {
  return idOrName === undefined ? 'all connections' : `the connection '${idOrName}'`;
}

function show(output: Output, airbyte: AirbyteClient, idOrName: string | undefined, jobs: JobLine[]): void {
  const whose = describeWhose(idOrName);
  output.note(
    jobs.length === 0
      ? `Airbyte at ${airbyte.url} has run no job yet for ${whose}. \`temporal-airbyte sync CONNECTION\` starts one.`
      : `The newest ${jobs.length === 1 ? 'job' : `${jobs.length} jobs`} of ${whose} in Airbyte at ${airbyte.url}:`,
  );
  output.result({ jobs }, () =>
    jobs.length === 0 ? [] : renderTable(tableColumns(idOrName), jobs, terminalWidth(output.terminal.stdout)),
  );
}

function tableColumns(idOrName: string | undefined): TableColumn<JobLine>[] {
  return [
    { header: 'JOB', value: ({ jobId }) => String(jobId), align: 'right' },
    { header: 'TYPE', value: ({ jobType }) => jobType },
    { header: 'STATUS', value: ({ status }) => status },
    ...(idOrName === undefined
      ? [{ header: 'CONNECTION', value: (job: JobLine) => job.connectionName ?? job.connectionId ?? '', shrinks: true }]
      : []),
    { header: 'RECORDS', value: (job) => countText(job, job.recordsSynced, formatNumber), align: 'right' },
    { header: 'BYTES', value: (job) => countText(job, job.bytesSynced, formatBytes), align: 'right' },
    { header: 'STARTED', value: ({ startedAt }) => orDash(startedAt, (at) => formatTime(Date.parse(at))) },
    { header: 'TOOK', value: took, align: 'right' },
  ];
}

/** A missing count is marked only for a job that has succeeded and that moves records. */
function countText({ jobType, status }: JobLine, count: number | null, format: (count: number) => string): string {
  const isExpected = status === 'succeeded' && (jobType === 'sync' || jobType === 'refresh');
  return isExpected ? formatMeasured(count, format) : orDash(count, format);
}

function orDash<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? '-' : format(value);
}

function took({ startedAt, endedAt }: JobLine): string {
  if (startedAt === null || endedAt === null) return '-';
  return formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
}

async function jobsOf(airbyte: AirbyteClient, idOrName: string): Promise<JobLine[]> {
  const connection = await findConnection(airbyte, idOrName);
  const jobs = await recentJobs(airbyte, connection.connectionId);
  return newest(jobs).map((job) => toLine(job, connection));
}

async function allJobs(airbyte: AirbyteClient): Promise<JobLine[]> {
  const connections = await listConnections(airbyte);
  const byId = new Map(connections.map((connection) => [connection.connectionId, connection]));
  const jobs = await recentJobs(airbyte).catch(async (error: unknown) => {
    if (!(error instanceof AirbyteError) || error.retryable) throw error;
    // Airbyte 0.50 lists the jobs of one connection at a time; newer servers let only some users list all.
    return (await Promise.all(connections.map(({ connectionId }) => recentJobs(airbyte, connectionId)))).flat();
  });
  return newest(jobs).map((job) => toLine(job, byId.get(job.connectionId ?? '')));
}

function recentJobs(airbyte: AirbyteClient, connectionId?: string): Promise<Job[]> {
  return listRecentJobs(airbyte.jobs, { connectionId, pageSize: JOBS_SHOWN });
}

function newest(jobs: Job[]): Job[] {
  return jobs.toSorted((one, other) => other.jobId - one.jobId).slice(0, JOBS_SHOWN);
}

function toLine(job: Job, connection: Connection | undefined): JobLine {
  const { startedAt, endedAt } = readOutcome(job);
  return {
    jobId: job.jobId,
    connectionId: job.connectionId ?? connection?.connectionId ?? null,
    connectionName: connection?.name ?? null,
    jobType: job.jobType,
    status: job.status,
    recordsSynced: job.recordsSynced ?? null,
    bytesSynced: job.bytesSynced ?? null,
    startedAt,
    endedAt,
  };
}
