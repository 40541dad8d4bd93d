import { afterEach, beforeEach } from '@jest/globals';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { type Activities, createActivities } from '../../../activities';
import { type AirbyteTimings, DEFAULT_TIMINGS } from '../../../src/airbyte/airbyte-timings';
import { AirbyteClient } from '../../../src/airbyte/client';
import { JobWatcher } from '../../../src/jobs/job-watcher';
import { SyncSlots } from '../../../src/jobs/sync-slots';
import { createSecretResolver, type SecretResolver } from '../../../src/secrets/secret-resolver';
import { clientWithRuns } from '../../support/fake-temporal-client';
import { FAST_COUNT_POLLS } from '../../support/fast-count-polls';
import { ScriptedSchedules } from '../../support/scripted-schedules';
import { ScriptedAirbyte } from './scripted-airbyte';

type Input<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type Result<Name extends keyof Activities> = Awaited<ReturnType<Activities[Name]>>;

/** The value behind `${env:SECRET_DB}` in the tests of activities. */
export const SECRET = 'hunter2&co';

/** Failed calls are not retried; a start may take as long as Airbyte's. For tests in mocked time. */
export const PATIENT_WITH_STARTS: AirbyteTimings = {
  ...DEFAULT_TIMINGS,
  gatewayErrorTimeoutMs: 0,
  airbyteErrorTimeoutMs: 0,
  jobRetryDelaysMs: [0, 0],
};

/** Failed calls are not retried, and a start is quick. */
const IMPATIENT: AirbyteTimings = { ...PATIENT_WITH_STARTS, jobStartTimeoutMs: 50 };

/** Temporal would go on; a test that needs more attempts has gone wrong. */
const MAXIMUM_ATTEMPTS = 20;

/** The worker's activities against a scripted Airbyte, anew for each test. */
export class ActivityBench {
  readonly logs: LogEntry[] = [];
  /** What earlier runs of the workflow have noted in their memo, the newest first. */
  readonly earlierMemos: Record<string, unknown>[] = [];
  /** What those runs were started with. */
  readonly earlierDocuments: unknown[] = [];
  /** What Temporal has. */
  readonly schedules = new ScriptedSchedules();
  /** The ids of the workflows that have had a connection, by its id. */
  readonly workflowsOfConnections: Record<string, string[]> = {};

  /** What Temporal makes of a heartbeat that it is to confirm. */
  heartbeat: (details: unknown) => Promise<void> = async () => undefined;

  private constructor(
    readonly airbyte: ScriptedAirbyte,
    readonly jobs: JobWatcher,
    private readonly client: AirbyteClient,
    private readonly activities: Activities,
  ) {}

  static async start(
    maxConcurrentSyncs?: number,
    secrets: SecretResolver = createSecretResolver({ env: { SECRET_DB: SECRET } }),
    timings: AirbyteTimings = IMPATIENT,
  ): Promise<ActivityBench> {
    const airbyte = await ScriptedAirbyte.start();
    const client = new AirbyteClient({ url: airbyte.url });
    const silent = { info: () => undefined, warn: () => undefined };
    const jobs = new JobWatcher({
      airbyte: client,
      pollIntervalMs: 1,
      countsPatience: FAST_COUNT_POLLS,
      logger: silent,
    });
    const limits = maxConcurrentSyncs === undefined ? {} : { slots: new SyncSlots(maxConcurrentSyncs) };
    return new ActivityBench(
      airbyte,
      jobs,
      client,
      createActivities({ airbyte: client, jobs, secrets, timings, ...limits }),
    );
  }

  /** Where the worker takes Airbyte's web app to be. */
  get webappUrl(): string {
    return this.client.webappUrl;
  }

  /** The place that an activity runs in: hears its heartbeats, and can cancel it. */
  environment(info: Partial<Info> = {}): MockActivityEnvironment {
    const client = clientWithRuns(
      ...([this.earlierMemos, this.schedules.client, this.workflowsOfConnections] as const),
      new Map<string, unknown>(),
      (_taskToken, details) => this.heartbeat(details),
      this.earlierDocuments,
    );
    const logger = new DefaultLogger('TRACE', (entry) => this.logs.push(entry));
    const times = {
      scheduledTimestampMs: Date.now(),
      currentAttemptScheduledTimestampMs: Date.now(),
      scheduleToCloseTimeoutMs: 24 * 60 * 60_000,
    };
    return new MockActivityEnvironment({ taskQueue: 'airbyte', ...times, ...info }, { logger, client });
  }

  run<Name extends keyof Activities>(
    name: Name,
    input: Input<Name>,
    environment = this.environment(),
  ): Promise<Result<Name>> {
    const activity = this.activities[name] as (input: unknown) => Promise<Result<Name>>;
    return environment.run(() => activity(input));
  }

  /** Runs an activity as Temporal does after an attempt that died, of which nothing is known. */
  retry<Name extends keyof Activities>(name: Name, input: Input<Name>): Promise<Result<Name>> {
    return this.run(name, input, this.environment({ attempt: 2 }));
  }

  /** Runs an activity as Temporal does: again after each retryable failure, with the last heartbeat before it. */
  async untilDone<Name extends keyof Activities>(name: Name, input: Input<Name>): Promise<Result<Name>> {
    let heartbeatDetails: unknown;
    for (let attempt = 1; ; attempt++) {
      const environment = this.environment({ attempt, heartbeatDetails });
      environment.on('heartbeat', (details: unknown) => {
        heartbeatDetails = details;
      });
      try {
        return await this.run(name, input, environment);
      } catch (error) {
        const isRetried = error instanceof ApplicationFailure && !error.nonRetryable && attempt < MAXIMUM_ATTEMPTS;
        if (!isRetried) throw error;
      }
    }
  }

  warnings(): string[] {
    return this.logs.filter(({ level }) => level === 'WARN').map(({ message }) => message);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.airbyte.stop();
  }
}

/** A bench for each test of the file, or of the `describe` that asks for it. */
export function useBench(maxConcurrentSyncs?: number, timings?: AirbyteTimings): () => ActivityBench {
  let bench: ActivityBench;
  beforeEach(async () => {
    bench = await ActivityBench.start(maxConcurrentSyncs, undefined, timings);
  });
  afterEach(() => bench.stop());
  return () => bench;
}

/** What an activity fails with. */
export async function failureOf(activity: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await activity.then(
    (result) => new Error(`did not fail: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw error;
}
