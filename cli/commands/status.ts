import type { Command } from 'commander';
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
import { showFleet } from '../follow/fleet-status';
import { findConnection } from '../lookup/connection-lookup';
import type { Output } from '../render/output';
import { renderTable, type TableColumn } from '../render/table';
import { terminalWidth } from '../render/terminal';

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
      'Shows the recent jobs of one or all connections from Airbyte: id, status, records, bytes. With --fleet, shows the connections of a fleet from Temporal, as a tree.',
    )
    .argument('[connection]', 'id or name of the connection')
    .option('--fleet <name>', 'show the status of the fleet with this name')
    .action(async (idOrName: string | undefined, options: { json?: boolean; fleet?: string }) => {
      const output = outputOf(context, options);
      const { fleet } = options;
      if (fleet !== undefined) {
        if (idOrName !== undefined) throw CliError.badInput('Give a connection or --fleet, not both.');
        await withTemporal(context.terminal.env, (temporal) => showFleet(output, temporal, fleet));
        return;
      }
      await withAirbyte(context.terminal, async (airbyte) => {
        const lines = idOrName === undefined ? await allJobs(airbyte) : await jobsOf(airbyte, idOrName);
        show(output, airbyte, idOrName, lines);
      });
    });
  withJson(command);
}

function show(output: Output, airbyte: AirbyteClient, idOrName: string | undefined, jobs: JobLine[]): void {
  const whose = idOrName === undefined ? 'all connections' : `the connection '${idOrName}'`;
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
