/** Detects workers of different builds that share a task queue without Worker Versioning. */
import { formatCount } from '../text/formatting';
import type { TaskQueueWorker } from './task-queue-workers';

/** What to do about unversioned workers of several builds. */
export const MIXED_BUILDS_ADVICE =
  'Stop the workers of the other build, or give each build a version: TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID (docs/upgrade.md).';

/**
 * Describes the builds of unversioned workers that share a task queue; undefined if there is only one. Temporal gives the next
 * workflow task to any of the workers, and the workflow gets stuck if that worker's workflow code differs.
 */
export function describeMixedBuilds(
  taskQueue: string,
  workers: readonly TaskQueueWorker[],
): { builds: string[]; message: string } | undefined {
  const builds = unversionedBuilds(workers);
  if (builds.size < 2) return undefined;
  const each = [...builds].map(([buildId, identities]) => `${shortBuildId(buildId)} (${identities.join(', ')})`);
  const message =
    `Workers of ${formatCount(builds.size, 'build')} without versions have polled the task queue '${taskQueue}' within the last two minutes: ${each.join('; ')}. ` +
    'While they run in parallel, a workflow can move from one build to the other, and gets stuck if their workflow code differs.';
  return { builds: [...builds.keys()], message };
}

/** The builds of the unversioned workers, each with the identities of its workers. */
function unversionedBuilds(workers: readonly TaskQueueWorker[]): Map<string, string[]> {
  const builds = new Map<string, string[]>();
  for (const { buildId, version, identity } of workers) {
    if (buildId === undefined || version !== undefined) continue;
    const [name = identity] = identity.split(' ');
    builds.set(buildId, [...(builds.get(buildId) ?? []), name]);
  }
  return new Map([...builds].sort(([one], [other]) => one.localeCompare(other)));
}

/** Shortens the hash in `@temporalio/worker@1.24.0+<SHA-256>`: fewer digits distinguish builds. */
function shortBuildId(buildId: string): string {
  return buildId.replace(/\+([\da-f]{12})[\da-f]{52}$/, '+$1…');
}
