import { formatCount } from '../text/formatting';
import type { TaskQueueWorker } from './task-queue-workers';

/** What to do about workers of several builds without versions. */
export const MIXED_BUILDS_ADVICE =
  'Stop the workers of the other build, or give each build a version: TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID (docs/upgrade.md).';

/**
 * Says that workers of several builds share a task queue although they have no versions; undefined where it is one build.
 * Temporal gives any of them the next step of a workflow, and one whose workflow code differs gets stuck with it.
 */
export function describeMixedBuilds(
  taskQueue: string,
  workers: readonly TaskQueueWorker[],
): { builds: string[]; message: string } | undefined {
  const builds = unversionedBuilds(workers);
  if (builds.size < 2) return undefined;
  const each = [...builds].map(([buildId, identities]) => `${shorten(buildId)} (${identities.join(', ')})`);
  const message =
    `Workers of ${formatCount(builds.size, 'build')} without versions have asked for work on the task queue '${taskQueue}' within the last two minutes: ${each.join('; ')}. ` +
    'While they run beside each other, a workflow can go from one to the other, and gets stuck where their workflow code differs.';
  return { builds: [...builds.keys()], message };
}

/** The builds of the workers that have no version, with the identities of their workers. */
function unversionedBuilds(workers: readonly TaskQueueWorker[]): Map<string, string[]> {
  const builds = new Map<string, string[]>();
  for (const { buildId, version, identity } of workers) {
    if (buildId === undefined || version !== undefined) continue;
    const [name = identity] = identity.split(' ');
    builds.set(buildId, [...(builds.get(buildId) ?? []), name]);
  }
  return new Map([...builds].sort(([one], [other]) => one.localeCompare(other)));
}

/** `@temporalio/worker@1.24.0+<SHA-256>` is told from others by fewer digits. */
function shorten(buildId: string): string {
  return buildId.replace(/\+([\da-f]{12})[\da-f]{52}$/, '+$1…');
}
