/** The state of a store as JSON, and back. */
import { jsonText, parseJson } from '../connectors/exact-json';
import type { Attempt, AttemptCounts, Job } from './job';
import type { Actor, Connection, Discovery, Operation, Tag, Workspace } from './resources';
import type { Store } from './store';

/** What a snapshot holds. Actors and connections refer to each other by their ids alone. */
interface Snapshot {
  version: typeof VERSION;
  organizationId: string;
  lastJobId: number;
  workspaces: Workspace[];
  deletedWorkspaces: Workspace[];
  actors: Omit<Actor, 'connections'>[];
  connections: Omit<Connection, 'jobs'>[];
  tags: Tag[];
  operations: Operation[];
  jobs: (Omit<Job, 'attempts'> & { attempts: SavedAttempt[] })[];
  discoveries: [sourceId: string, discoveries: Discovery[]][];
}

type SavedAttempt = Omit<Attempt, 'counts'> & { counts: AttemptCounts };

/** Changes with the form of a snapshot: a sandbox reads only snapshots of its own form. */
const VERSION = 1;

export function snapshotOf(store: Store): string {
  const snapshot: Snapshot = {
    version: VERSION,
    organizationId: store.organizationId,
    lastJobId: store.lastJobId,
    workspaces: [...store.workspaces.values()],
    deletedWorkspaces: store.deletedWorkspaces,
    actors: [...store.actors.values()].map(({ connections: _, ...actor }) => actor),
    connections: [...store.connections.values()].map(({ jobs: _, ...connection }) => connection),
    tags: [...store.tags.values()],
    operations: [...store.operations.values()],
    jobs: [...store.jobs.values()].map((job) => ({
      ...job,
      attempts: job.attempts.map((attempt) => ({ ...attempt, counts: attempt.counts() })),
    })),
    discoveries: [...store.discoveries],
  };
  return jsonText(snapshot);
}

/**
 * Replaces the content of a store by that of a snapshot.
 *
 * @throws Error if another version of the sandbox wrote the snapshot
 */
export function restoreSnapshot(store: Store, text: string): void {
  const snapshot = parseJson(text) as Snapshot;
  if (snapshot.version !== VERSION) {
    throw new Error(`it has the form ${snapshot.version}, and this version of the sandbox reads the form ${VERSION}`);
  }
  store.organizationId = snapshot.organizationId;
  store.lastJobId = snapshot.lastJobId;
  refill(store.workspaces, snapshot.workspaces, ({ workspaceId }) => workspaceId);
  store.deletedWorkspaces.splice(0, Number.POSITIVE_INFINITY, ...snapshot.deletedWorkspaces);
  const actors = snapshot.actors.map((actor): Actor => ({ ...actor, connections: [] }));
  refill(store.actors, actors, ({ actorId }) => actorId);
  store.connections.clear();
  for (const connection of snapshot.connections) store.addConnection({ ...connection, jobs: [] });
  refill(store.tags, snapshot.tags, ({ tagId }) => tagId);
  refill(store.operations, snapshot.operations, ({ operationId }) => operationId);
  const jobs = snapshot.jobs.map((job): Job => ({ ...job, attempts: job.attempts.map(restoredAttempt) }));
  refill(store.jobs, jobs, ({ id }) => id);
  for (const job of jobs) store.connections.get(job.connectionId)?.jobs.push(job);
  store.discoveries.clear();
  for (const [sourceId, discoveries] of snapshot.discoveries) store.discoveries.set(sourceId, discoveries);
}

function restoredAttempt({ counts, ...attempt }: SavedAttempt): Attempt {
  return { ...attempt, counts: () => counts };
}

function refill<Id, Value>(map: Map<Id, Value>, values: readonly Value[], idOf: (value: Value) => Id): void {
  map.clear();
  for (const value of values) map.set(idOf(value), value);
}
