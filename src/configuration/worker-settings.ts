import type { WorkerDeploymentVersion } from '@temporalio/common';
import { durationMs } from '../contract/duration';
import { DEFAULT_TASK_QUEUE } from '../contract/workflow-ids';
import { messageOf } from '../text/error-message';
import { InvalidEnvironmentError } from './client-options';

const DEFAULT_POLL_INTERVAL = '2s';

/** Syncs that a worker has at once when `AIRBYTE_MAX_CONCURRENT_SYNCS` is not set. */
export const DEFAULT_MAXIMUM_CONCURRENT_SYNCS = 10_000;

export interface WorkerSettings {
  taskQueue: string;
  /** Time between two looks at Airbyte for the jobs that are waited for, in milliseconds. */
  pollIntervalMs: number;
  /** Syncs that this worker has at once; further ones wait. */
  maxConcurrentSyncs: number;
  /** Requests a second to Airbyte of all workers of the task queue together; left out: no limit. */
  maxRequestsPerSecond?: number;
  /** What the operators call the Airbyte that this worker serves; left out: it goes by its address. */
  airbyteName?: string;
  /** The Worker Deployment Version that this worker is of; left out: it is not versioned. */
  version?: WorkerDeploymentVersion;
}

/**
 * Reads `AIRBYTE_TASK_QUEUE`, `AIRBYTE_POLL_INTERVAL`, `AIRBYTE_MAX_CONCURRENT_SYNCS`,
 * `AIRBYTE_MAX_REQUESTS_PER_SECOND`, `AIRBYTE_NAME`, `TEMPORAL_DEPLOYMENT_NAME` and `TEMPORAL_WORKER_BUILD_ID`. A variable that is empty
 * counts as not set.
 *
 * @throws InvalidEnvironmentError
 */
export function workerSettings(env: NodeJS.ProcessEnv = process.env): WorkerSettings {
  const maxRequestsPerSecond = readNumber(env, 'AIRBYTE_MAX_REQUESTS_PER_SECOND', (value) => value > 0);
  const maxConcurrentSyncs = readNumber(
    env,
    'AIRBYTE_MAX_CONCURRENT_SYNCS',
    (value) => Number.isSafeInteger(value) && value > 0,
  );
  return {
    taskQueue: readTaskQueue(env),
    pollIntervalMs: readPollInterval(env),
    maxConcurrentSyncs: maxConcurrentSyncs ?? DEFAULT_MAXIMUM_CONCURRENT_SYNCS,
    ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    ...readAirbyteName(env),
    ...readVersion(env),
  };
}

/** It stands in the ids of workflows, of which Temporal takes 1,000 bytes. */
const LONGEST_TASK_QUEUE = 200;

function readTaskQueue(env: NodeJS.ProcessEnv): string {
  const taskQueue = env['AIRBYTE_TASK_QUEUE'] || DEFAULT_TASK_QUEUE;
  if (taskQueue.length <= LONGEST_TASK_QUEUE && taskQueue === taskQueue.trim() && !/\p{Cc}/u.test(taskQueue)) {
    return taskQueue;
  }
  throw new InvalidEnvironmentError(
    'AIRBYTE_TASK_QUEUE',
    `cannot be used: expected at most ${LONGEST_TASK_QUEUE} characters, without blanks at either end and without control characters.`,
  );
}

function readAirbyteName(env: NodeJS.ProcessEnv): Pick<WorkerSettings, 'airbyteName'> {
  const airbyteName = env['AIRBYTE_NAME'] || undefined;
  if (airbyteName === undefined) return {};
  if (/^[\w.-]{1,100}$/.test(airbyteName)) return { airbyteName };
  throw new InvalidEnvironmentError(
    'AIRBYTE_NAME',
    'cannot be used: expected at most 100 letters, digits, dots, hyphens and underscores.',
  );
}

/** The variables are those that the Temporal Worker Controller sets for the workers that it runs. */
function readVersion(env: NodeJS.ProcessEnv): Pick<WorkerSettings, 'version'> {
  const variables = ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'] as const;
  const [deploymentName, buildId] = variables.map((variable) => env[variable] || undefined);
  if (deploymentName !== undefined && buildId !== undefined) return { version: { deploymentName, buildId } };
  if (deploymentName === undefined && buildId === undefined) return {};
  const [set, missing] = deploymentName === undefined ? [variables[1], variables[0]] : variables;
  throw new InvalidEnvironmentError(missing, `is not set, and ${set} is: a versioned worker needs both.`);
}

function readPollInterval(env: NodeJS.ProcessEnv): number {
  try {
    return durationMs(env['AIRBYTE_POLL_INTERVAL'] || DEFAULT_POLL_INTERVAL);
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_POLL_INTERVAL', `cannot be used: ${messageOf(error)}.`);
  }
}

function readNumber(
  env: NodeJS.ProcessEnv,
  variable: string,
  isUsable: (value: number) => boolean,
): number | undefined {
  const text = env[variable];
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && isUsable(value)) return value;
  throw new InvalidEnvironmentError(
    variable,
    `cannot be used: '${text}' is no number above 0${isUsable(0.5) ? '' : ' without decimals'}.`,
  );
}
