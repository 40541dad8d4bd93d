import { ApplicationFailure } from '@temporalio/common';
import {
  type BundleOptions,
  type BundlerPlugin,
  NativeConnection,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import type { Activities } from '../activities';
import type { FailureType } from '../src/contract/failure-types';
import { registerSearchAttributes } from '../src/temporal/search-attributes';
import { withAirbyteWorkflows, workflowsFor } from '../worker/workflow-bundle';
import { type MockedJob, MockedJobs, type StartedJob } from './mocked-jobs';
import { MockedPipelines } from './mocked-pipelines';

export interface MockedAirbyteOptions {
  /** How a job ends; default: it succeeds with 1,000 records. */
  job?: (job: StartedJob) => MockedJob;
  /** Activities that replace the mocked ones, for instance to throw what `airbyteFailure` returns. */
  activities?: Partial<Activities>;
}

/** A call of an activity. */
export interface MockedCall {
  activity: keyof Activities;
  input: unknown;
}

/**
 * A plugin for the workers of tests, in place of `AirbytePlugin`: it adds the workflows of temporal-airbyte to yours, with mocked
 * activities, so that a test needs no Airbyte and no network. It registers the search attributes, also on the server of
 * `TestWorkflowEnvironment.createTimeSkipping()`.
 *
 * @example
 * const environment = await TestWorkflowEnvironment.createTimeSkipping();
 * const airbyte = new MockedAirbyte({ job: () => ({ recordsSynced: 12 }) });
 * const worker = await Worker.create({
 *   connection: environment.nativeConnection,
 *   taskQueue: 'test',
 *   workflowsPath: require.resolve('./workflows'),
 *   plugins: [airbyte],
 * });
 */
export class MockedAirbyte implements WorkerPlugin, BundlerPlugin {
  readonly name = 'temporal-airbyte-mocked';
  /** The calls of activities so far, in their order. */
  readonly calls: MockedCall[] = [];
  readonly #activities: Partial<Activities>;

  constructor({ job = () => ({}), activities = {} }: MockedAirbyteOptions = {}) {
    this.#activities = { ...new MockedPipelines().activities, ...new MockedJobs(job).activities, ...activities };
  }

  /** The mocked activities, for a worker that is created without this plugin. */
  get activities(): Record<string, (input: unknown) => Promise<unknown>> {
    const mocked = Object.entries(this.#activities).map(([name, mock]) => {
      const call = mock as (input: unknown) => Promise<unknown>;
      const recorded = async (input: unknown) => {
        this.calls.push({ activity: name as keyof Activities, input });
        return call(input);
      };
      return [name, recorded] as const;
    });
    return Object.fromEntries(mocked);
  }

  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { connection, namespace = 'default' } = options;
    const server = connection ?? (await NativeConnection.connect());
    try {
      await registerSearchAttributes(server, namespace);
    } finally {
      if (server !== connection) await server.close();
    }
    return {
      ...(await workflowsFor(options, false)),
      ...options,
      activities: { default: rejectUnmocked, ...this.activities, ...options.activities },
    };
  }

  configureBundler(options: BundleOptions): BundleOptions {
    return withAirbyteWorkflows(options);
  }
}

async function rejectUnmocked(): Promise<never> {
  throw airbyteFailure(
    'AirbyteUnsupported',
    'This activity is not mocked. Add it: new MockedAirbyte({ activities: … }).',
  );
}

/** The failure of an activity, non-retryable as Airbyte's own errors are. */
export function airbyteFailure(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
