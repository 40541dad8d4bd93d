import { randomUUID } from 'node:crypto';
import { JobNotFoundError, NotFoundError } from './errors';
import type { Job } from './job';
import { type NotificationSettings, withDefaults } from './notification-settings';
import type { Actor, ActorKind, CatalogStream, Connection, Discovery, Operation, Tag, Workspace } from './resources';
import { SeededRandom } from './seeded-random';
import { type StreamName, sameStream } from './stream-name';

/** All state of the sandbox, in memory. */
export class Store {
  organizationId: string = randomUUID();
  /** The id of the newest job. Its successor is the id of the next one, also if the job is gone. */
  lastJobId = 0;
  readonly workspaces = new Map<string, Workspace>();
  readonly deletedWorkspaces: Workspace[] = [];
  readonly actors = new Map<string, Actor>();
  readonly connections = new Map<string, Connection>();
  readonly tags = new Map<string, Tag>();
  readonly operations = new Map<string, Operation>();
  readonly jobs = new Map<number, Job>();
  /** Discovered catalogs by `sourceId`, latest last. */
  readonly discoveries = new Map<string, Discovery[]>();
  /** Decides on the order of rows where a query specifies none. */
  readonly random = new SeededRandom(1);

  constructor(workspaceNames: readonly string[]) {
    for (const name of workspaceNames) this.addWorkspace(name);
  }

  addWorkspace(name: string, notifications: NotificationSettings = {}): Workspace {
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const notificationSettings = withDefaults(notifications);
    const { organizationId } = this;
    const workspace = { workspaceId: randomUUID(), organizationId, name, slug, notificationSettings };
    this.workspaces.set(workspace.workspaceId, workspace);
    return workspace;
  }

  /** @throws NotFoundError */
  workspace(workspaceId: string): Workspace {
    const workspace = this.workspaces.get(workspaceId);
    if (workspace === undefined) throw new NotFoundError('STANDARD_WORKSPACE', workspaceId);
    return workspace;
  }

  /** Removes a workspace. The caller deletes its resources first. */
  deleteWorkspace(workspace: Workspace): void {
    this.workspaces.delete(workspace.workspaceId);
    this.deletedWorkspaces.push(workspace);
  }

  /** @throws NotFoundError */
  operation(operationId: string): Operation {
    const operation = this.operations.get(operationId);
    if (operation === undefined) throw new NotFoundError('STANDARD_SYNC_OPERATION', operationId);
    return operation;
  }

  /** The operations that a connection's settings name and that still exist. */
  operationsOf({ settings }: Connection): Operation[] {
    const ids = Array.isArray(settings['operationIds']) ? settings['operationIds'] : [];
    return ids.flatMap((id) => this.operations.get(String(id)) ?? []);
  }

  /** @throws NotFoundError also for a deleted actor */
  actor(kind: ActorKind, actorId: string): Actor {
    const actor = this.actors.get(actorId);
    if (actor === undefined || actor.kind !== kind || actor.deleted) {
      throw new NotFoundError(kind === 'source' ? 'SOURCE_CONNECTION' : 'DESTINATION_CONNECTION', actorId);
    }
    return actor;
  }

  /** @throws NotFoundError */
  connection(connectionId: string): Connection {
    const connection = this.connections.get(connectionId);
    if (connection === undefined) throw new NotFoundError('STANDARD_SYNC', connectionId);
    return connection;
  }

  /** @throws NotFoundError also for a tag of another workspace */
  tag(tagId: string, workspaceId?: string): Tag {
    const tag = this.tags.get(tagId);
    if (tag === undefined || (workspaceId !== undefined && tag.workspaceId !== workspaceId)) {
      throw new NotFoundError('TAG', tagId);
    }
    return tag;
  }

  tagsOf({ tagIds }: Connection): Tag[] {
    return tagIds.map((tagId) => this.tag(tagId));
  }

  /** Removes a tag, also from the connections that have it. */
  deleteTag(tagId: string): void {
    this.tags.delete(tagId);
    for (const connection of this.connections.values()) {
      connection.tagIds = connection.tagIds.filter((id) => id !== tagId);
    }
  }

  /** Adds a connection, also to its source and its destination. */
  addConnection(connection: Connection): void {
    this.connections.set(connection.connectionId, connection);
    this.actor('source', connection.sourceId).connections.push(connection);
    this.actor('destination', connection.destinationId).connections.push(connection);
  }

  /**
   * Drops all jobs whose id is greater than this one, and assigns their ids again.
   *
   * @returns the dropped jobs
   */
  forgetJobsAfter(lastJobId: number): Job[] {
    this.lastJobId = lastJobId;
    const forgotten = [...this.jobs.values()].filter(({ id }) => id > lastJobId);
    for (const { id, connectionId } of forgotten) {
      this.jobs.delete(id);
      const connection = this.connection(connectionId);
      connection.jobs = connection.jobs.filter((job) => job.id !== id);
    }
    return forgotten;
  }

  /** @throws JobNotFoundError */
  job(jobId: number): Job {
    const job = this.jobs.get(jobId);
    if (job === undefined) throw new JobNotFoundError(jobId);
    return job;
  }

  /** The streams that the source's latest discovery found. */
  discoveredStreams(sourceId: string): CatalogStream[] {
    return this.discoveries.get(sourceId)?.at(-1)?.streams ?? [];
  }

  /** The streams that one of the source's discoveries found. */
  discovery(sourceId: string, catalogId: unknown): CatalogStream[] | undefined {
    return this.discoveries.get(sourceId)?.find((each) => each.catalogId === catalogId)?.streams;
  }

  /** The stream of this name in the latest discovery of the source that contains it. */
  discoveredStream(sourceId: string, streamName: StreamName): CatalogStream | undefined {
    const discoveries = this.discoveries.get(sourceId) ?? [];
    for (const { streams } of discoveries.toReversed()) {
      const found = streams.find((stream) => sameStream(stream, streamName));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
