import type { WorkerDeploymentVersion } from '@temporalio/common';
import { normalizeAirbyteUrl } from '../../src/airbyte/airbyte-url';
import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { workerSettings } from '../../src/configuration/worker-settings';
import type { TemporalClient } from '../../src/temporal/connection';
import { describeMixedBuilds, MIXED_BUILDS_ADVICE } from '../../src/temporal/mixed-builds';
import { describeWorkers, type TaskQueueWorkers } from '../../src/temporal/task-queue-workers';
import { listAnnounced, liveWorkers } from '../../src/temporal/worker-presence';
import { formatCount } from '../../src/text/formatting';
import {
  airbyteOfIdentity,
  describeAirbyte,
  identityWithoutAirbyte,
  isSameAirbyte,
  type ServedAirbyte,
} from '../../worker/airbyte-identity';
import type { CheckResult } from './check-result';

const ONE_AIRBYTE_ADVICE =
  'Give each Airbyte its own task queue with AIRBYTE_TASK_QUEUE. If the addresses lead to the same Airbyte, set AIRBYTE_NAME to the same name for all.';

/** Checks the workers of the task queue: that there are some, which get new work, and that they serve one Airbyte, which they reach. */
export async function checkWorkers(temporal: TemporalClient, env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const { taskQueue, airbyteName } = workerSettings(env);
  const { workers, current } = await describeWorkers(temporal, taskQueue);
  if (workers.length === 0) {
    return {
      status: 'warning',
      message: `none polls the task queue '${taskQueue}', so nothing that you start makes progress`,
      hint: 'Start one: temporal-airbyte worker',
    };
  }
  const announced = await listAnnounced(temporal, taskQueue);
  const live = liveWorkers(
    workers.map(({ identity }) => identity),
    announced,
  );
  const outOfReach = announced.filter(({ identity, reachesAirbyte }) => !reachesAirbyte && live.includes(identity));
  const url = airbyteUrl(env);
  const own = url === undefined ? undefined : { url, ...(airbyteName !== undefined && { name: airbyteName }) };
  return (
    checkVersions(taskQueue, { workers, current }) ??
    checkServed(taskQueue, live, own) ??
    checkReach(
      live,
      outOfReach.map(({ identity }) => identity),
    ) ?? { status: 'ok', message: describeFound(taskQueue, { workers, current }) }
  );
}

/** The Airbyte of this environment; undefined where its variables are invalid, which the check of Airbyte reports. */
function airbyteUrl(env: NodeJS.ProcessEnv): string | undefined {
  try {
    return normalizeAirbyteUrl(airbyteOptionsFromEnvironment(env).url).url;
  } catch {
    return undefined;
  }
}

function describeFound(taskQueue: string, { workers, current }: TaskQueueWorkers): string {
  const found = `${formatCount(workers.length, 'worker')} on the task queue '${taskQueue}'`;
  return current === undefined ? found : `${found}, new workflows go to version ${describeVersion(current)}`;
}

/** Checks that the workers get new workflows, and that builds without versions are not mixed. */
function checkVersions(taskQueue: string, { workers, current }: TaskQueueWorkers): CheckResult | undefined {
  const isCurrent = ({ deploymentName, buildId }: WorkerDeploymentVersion) =>
    deploymentName === current?.deploymentName && buildId === current.buildId;
  const versions = workers.flatMap(({ version }) => version ?? []);
  const served = current === undefined ? versions.length < workers.length : versions.some(isCurrent);
  const [newest] = versions;
  if (!served && newest !== undefined) {
    const { deploymentName, buildId } = newest;
    const found = `${formatCount(workers.length, 'worker')} on the task queue '${taskQueue}'`;
    return {
      status: 'warning',
      message: `${found}, but new workflows go to others: ${current ? `version ${describeVersion(current)}` : 'workers without a version'}`,
      hint: `A versioned worker gets no work until its version is current. To make it current: temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`,
    };
  }
  const shared = describeMixedBuilds(taskQueue, workers);
  return shared && { status: 'warning', message: shared.message, hint: MIXED_BUILDS_ADVICE };
}

/** Checks that the workers serve one Airbyte, which is that of this environment. */
export function checkServed(
  taskQueue: string,
  live: readonly string[],
  own: ServedAirbyte | undefined,
): CheckResult | undefined {
  const workers = live.flatMap((identity) => {
    const served = airbyteOfIdentity(identity);
    return served === undefined ? [] : [{ worker: identityWithoutAirbyte(identity), served }];
  });
  const [first] = workers;
  const other = first && workers.find(({ served }) => !isSameAirbyte(served, first.served));
  if (first && other) {
    const [one, another] = [first, other].map(({ worker, served }) => `${worker} serves ${describeAirbyte(served)}`);
    return {
      status: 'failed',
      message: `workers of the task queue '${taskQueue}' serve different Airbytes, and a sync runs in either of them: ${one}, and ${another}`,
      hint: ONE_AIRBYTE_ADVICE,
    };
  }
  if (first === undefined || own === undefined || isSameAirbyte(first.served, own)) return undefined;
  return {
    status: 'warning',
    message: `${first.worker} of the task queue '${taskQueue}' serves the Airbyte at ${describeAirbyte(first.served)}, but this environment names the one at ${describeAirbyte(own)}`,
    hint: ONE_AIRBYTE_ADVICE,
  };
}

/** Checks that the workers reach the Airbyte that they serve. */
export function checkReach(live: readonly string[], outOfReach: readonly string[]): CheckResult | undefined {
  if (outOfReach.length === 0) return undefined;
  const all = outOfReach.length === live.length;
  const named = outOfReach.map((identity) => {
    const served = airbyteOfIdentity(identity);
    return `${identityWithoutAirbyte(identity)}${served === undefined ? '' : ` (${describeAirbyte(served)})`}`;
  });
  const which = all
    ? 'none of the workers reaches its Airbyte'
    : `${formatCount(outOfReach.length, 'worker')} of ${live.length} cannot reach the Airbyte`;
  return {
    status: all ? 'failed' : 'warning',
    message: `${which}: ${named.join(', ')}`,
    hint: 'The log of each says why, and so does its /readyz/airbyte. Check its network, its proxy and its AIRBYTE_URL.',
  };
}

function describeVersion({ deploymentName, buildId }: WorkerDeploymentVersion): string {
  return `'${buildId}' of the deployment '${deploymentName}'`;
}
