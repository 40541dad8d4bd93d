import type { WorkerDeploymentVersion } from '@temporalio/common';
import { InvalidEnvironmentError, readVariable } from './read-variable';

/** The settings of a worker that its environment holds, apart from the address of Airbyte. */
export interface WorkerSettings {
  taskQueue: string;
  /** The time between two polls of the jobs that are waited for, in milliseconds. */
  pollIntervalMs: number;
  /** How many syncs this worker runs concurrently; further ones wait. */
  maxConcurrentSyncs: number;
  /** Requests a second to Airbyte of all workers of the task queue together; left out: no limit. */
  maxRequestsPerSecond?: number;
  /** What the operators call the Airbyte that this worker serves; left out: workers know it by its address. */
  airbyteName?: string;
  /** The Worker Deployment Version of this worker; left out: it is not versioned. */
  version?: WorkerDeploymentVersion;
}

/**
 * Reads the variables of the group `Worker`, `AIRBYTE_NAME`, `TEMPORAL_DEPLOYMENT_NAME` and `TEMPORAL_WORKER_BUILD_ID`.
 *
 * @throws InvalidEnvironmentError
 */
export function workerSettings(env: NodeJS.ProcessEnv = process.env): WorkerSettings {
  const maxRequestsPerSecond = readVariable(env, 'AIRBYTE_MAX_REQUESTS_PER_SECOND');
  const airbyteName = readVariable(env, 'AIRBYTE_NAME');
  return {
    taskQueue: readVariable(env, 'AIRBYTE_TASK_QUEUE'),
    pollIntervalMs: readVariable(env, 'AIRBYTE_POLL_INTERVAL'),
    maxConcurrentSyncs: readVariable(env, 'AIRBYTE_MAX_CONCURRENT_SYNCS'),
    ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    ...(airbyteName !== undefined && { airbyteName }),
    ...readVersion(env),
  };
}

/** The Temporal Worker Controller sets these variables for the workers that it runs. */
function readVersion(env: NodeJS.ProcessEnv): Pick<WorkerSettings, 'version'> {
  const variables = ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'] as const;
  const [deploymentName, buildId] = variables.map((variable) => env[variable] || undefined);
  if (deploymentName !== undefined && buildId !== undefined) return { version: { deploymentName, buildId } };
  if (deploymentName === undefined && buildId === undefined) return {};
  const [set, missing] = deploymentName === undefined ? [variables[1], variables[0]] : variables;
  throw new InvalidEnvironmentError(missing, `is not set, and ${set} is: a versioned worker needs both.`);
}
