import type { Command } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import { AirbyteError } from '../../src/airbyte/errors';
import { isTerminal, type JobLogLine, type LoggedAttempt, type LoggedJob } from '../../src/airbyte/jobs';
import { listRecentJobs } from '../../src/airbyte/lookup/recent-jobs';
import { sleep } from '../../src/async/sleep';
import { workerSettings } from '../../src/configuration/worker-settings';
import { isoTime } from '../../src/jobs/job-outcome';
import { formatDuration, formatVolume } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import { Interruptions } from '../follow/interruption';
import { findConnection } from '../lookup/connection-lookup';
import type { Output } from '../render/output';

interface LogsOptions {
  json?: boolean;
  follow?: boolean;
}

export function addLogsCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('logs')
    .summary('show the log of a job')
    .description(
      "Shows the whole log of a job, with all its attempts, from Airbyte. Secrets of this shell's environment are masked. Airbyte's public API has no logs.",
    )
    .argument(
      '[connection-or-job]',
      'id or name of a connection, for its newest job, or the number of a job (default: the newest job of all)',
    )
    .option('--follow', 'show what is added, until the job has ended')
    .action(async (given: string | undefined, options: LogsOptions) => {
      const output = outputOf(context, options);
      await withAirbyte(context.terminal, async (airbyte) => {
        const jobId = await findJobId(airbyte, given);
        const job = await new LogReader(output, airbyte, jobId).read(options.follow === true);
        output.result(toDocument(job), () => []);
      });
    });
  withJson(command);
}

/** @throws CliError when the connection is unknown, or there is no job yet */
async function findJobId(airbyte: AirbyteClient, given: string | undefined): Promise<number> {
  if (given !== undefined && /^\d{1,15}$/.test(given)) return Number(given);
  const connectionId = given === undefined ? undefined : (await findConnection(airbyte, given)).connectionId;
  const jobs = await listRecentJobs(airbyte.jobs, { connectionId, pageSize: 1 });
  if (jobs.length > 0) return Math.max(...jobs.map(({ jobId }) => jobId));
  const whose = given === undefined ? '' : ` for the connection '${given}'`;
  throw new CliError(EXIT.badInput, 'AirbyteNotFound', `Airbyte at ${airbyte.url} has run no job yet${whose}.`);
}

/** Reads the log of a job, and writes each line once. */
class LogReader {
  /** The lines that are written, by attempt. */
  private readonly written = new Map<number, number>();
  private readonly ended = new Set<number>();
  private isWaiting = false;

  constructor(
    private readonly output: Output,
    private readonly airbyte: AirbyteClient,
    private readonly jobId: number,
  ) {}

  /** @throws CliError when it follows the job and is interrupted */
  async read(follow: boolean): Promise<LoggedJob> {
    const { env, signals } = this.output.terminal;
    const { pollIntervalMs } = workerSettings(env);
    let job = await this.airbyte.jobs.getWithLogs(this.jobId);
    this.writeNew(job);
    if (!follow || isTerminal(job.status)) {
      this.noteEmpty(job);
      return job;
    }
    const interruptions = new Interruptions(signals);
    const interrupted = new AbortController();
    void interruptions.next().then(() => interrupted.abort());
    try {
      while (!isTerminal(job.status)) {
        await sleep(pollIntervalMs, interrupted.signal);
        if (interrupted.signal.aborted) throw CliError.interrupted(`job ${this.jobId} continues in Airbyte.`);
        job = (await this.poll(interrupted.signal)) ?? job;
        this.writeNew(job);
      }
      return job;
    } finally {
      interruptions[Symbol.dispose]();
    }
  }

  /** A poll that fails for a moment ends nothing. */
  private async poll(signal: AbortSignal): Promise<LoggedJob | undefined> {
    try {
      const job = await this.airbyte.jobs.getWithLogs(this.jobId, { signal });
      this.isWaiting = false;
      return job;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof AirbyteError && error.retryable)) throw error;
      if (!this.isWaiting) this.output.note(`Waiting for Airbyte: ${error.message}`);
      this.isWaiting = true;
      return undefined;
    }
  }

  private writeNew({ attempts }: LoggedJob): void {
    for (const attempt of attempts) {
      const { attemptNumber, lines } = attempt;
      const before = this.written.get(attemptNumber);
      if (before === undefined) this.write([`── Attempt ${attemptNumber + 1} of job ${this.jobId} ──`]);
      this.write(lines.slice(before).flatMap((line) => toText(line, this.output)));
      this.written.set(attemptNumber, lines.length);
      if (attempt.endedAt === undefined || this.ended.has(attemptNumber)) continue;
      this.ended.add(attemptNumber);
      this.write([describeEnd(attempt)]);
    }
  }

  private write(lines: string[]): void {
    if (this.output.json) return;
    for (const line of lines) this.output.line(line);
  }

  private noteEmpty({ status, attempts }: LoggedJob): void {
    const isEmpty = attempts.every(({ lines }) => lines.length === 0);
    if (isEmpty) this.output.note(`Job ${this.jobId} is ${status}, and Airbyte has no log of it.`);
  }
}

/** `── Attempt 1 failed after 3.0s: 12 records, 3.4 kB. disk full ──` */
function describeEnd(attempt: LoggedAttempt): string {
  const { attemptNumber, status = 'ended', createdAt, endedAt, failures } = attempt;
  const took =
    createdAt === undefined || endedAt === undefined ? '' : ` after ${formatDuration((endedAt - createdAt) * 1000)}`;
  const volume = formatVolume(attempt);
  const reason = failures.find(({ message }) => message)?.message;
  const details = [volume && `: ${volume}`, reason && `. ${reason}`].filter(Boolean).join('');
  return `── Attempt ${attemptNumber + 1} ${status}${took}${details} ──`;
}

/** `2026-01-31T12:00:00.000Z source > INFO read customers`, as Airbyte itself writes it into a log of texts. */
function toText({ timestamp, level, source, message }: JobLogLine, { paintResult: paint }: Output): string[] {
  const time = timestamp === undefined ? undefined : new Date(timestamp).toISOString();
  const name = level?.toUpperCase();
  const style = { ERROR: 'red', WARN: 'yellow' } as const;
  const color = name === 'ERROR' || name === 'WARN' ? style[name] : undefined;
  const [first = '', ...rest] = message.split(/\r?\n/);
  const line = [time, source && `${source} >`, name, first].filter(Boolean).join(' ');
  return [color === undefined ? line : paint(color, line), ...rest.map((each) => `    ${each}`)];
}

function toDocument({ jobId, connectionId, jobType, status, attempts }: LoggedJob): object {
  return {
    ...{ jobId, connectionId: connectionId ?? null, jobType, status },
    attempts: attempts.map((attempt) => ({
      attemptNumber: attempt.attemptNumber,
      status: attempt.status ?? null,
      startedAt: isoTime(attempt.createdAt),
      endedAt: isoTime(attempt.endedAt),
      recordsSynced: attempt.recordsSynced ?? null,
      bytesSynced: attempt.bytesSynced ?? null,
      failures: attempt.failures,
      lines: attempt.lines.map(({ timestamp, level, source, message }) => ({
        time: timestamp === undefined ? null : new Date(timestamp).toISOString(),
        ...{ level: level ?? null, source: source ?? null, message },
      })),
    })),
  };
}
