import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError, isUnsupportedEndpoint } from '../airbyte/errors';
import { ifFound } from '../airbyte/lookup/optional-responses';
import type { ObjectMemo } from '../contract/object-memo';
import type { OrphanedConnection, PruneCandidate } from '../contract/pruning';
import { runningJob } from '../jobs/job-search';
import type { ReconcileLogger } from './ports';

const NOT_DELETABLE = 'this Airbyte has no call that deletes connections, so delete it in its web app';

/** What Temporal knows of the connections of pipelines. */
export interface PipelineRecords {
  /** What the runs of a pipeline noted of connections, the newest first. */
  memos(pipeline: string): AsyncIterable<ObjectMemo | undefined>;
  /** The workflow id of a pipeline, other than these, that also had the connection. */
  findOtherPipeline(connectionId: string, pipelines: readonly string[]): Promise<string | undefined>;
}

/**
 * The connections that pipelines created and that their documents no longer name. The only record of what a pipeline created
 * are the memos of its runs, so connections from before Temporal's retention period stay.
 */
export class OrphanedConnections {
  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly records: PipelineRecords,
    private readonly logger: Pick<ReconcileLogger, 'info'>,
  ) {}

  /** @param keep the ids of the connections that the documents name */
  async find(pipelines: readonly string[], keep: readonly string[]): Promise<PruneCandidate[]> {
    const found = new Map<string, OrphanedConnection>();
    for (const pipeline of pipelines) {
      for await (const noted of this.records.memos(pipeline)) {
        if (noted?.created !== true || keep.includes(noted.id)) continue;
        found.set(noted.id, { connectionId: noted.id, name: noted.name, pipeline });
      }
    }
    const candidates = await Promise.all([...found.values()].map((orphan) => this.#judge(orphan, pipelines)));
    return candidates.filter((candidate) => candidate !== undefined);
  }

  /** Deletes a connection, unless there is a reason against it by now. A connection that no longer exists counts as deleted. */
  async delete(orphan: OrphanedConnection, pipelines: readonly string[]): Promise<PruneCandidate> {
    const candidate = await this.#judge(orphan, pipelines);
    if (candidate !== undefined && candidate.staysBecause !== null) return candidate;
    if (candidate !== undefined) {
      const { connectionId, name } = orphan;
      if (!(await this.#delete(connectionId))) return { ...orphan, staysBecause: NOT_DELETABLE };
      this.logger.info(`Deleted the connection '${name}'`, { connectionId });
    }
    return { ...orphan, staysBecause: null };
  }

  /** Undefined when the connection no longer exists. */
  async #judge(orphan: OrphanedConnection, pipelines: readonly string[]): Promise<PruneCandidate | undefined> {
    const { connectionId, name } = orphan;
    const connection = await ifFound(this.airbyte.connections.get(connectionId));
    // Airbyte continues to show deleted connections.
    if (connection === undefined || connection.status === 'deprecated') return undefined;
    const stays = (staysBecause: string): PruneCandidate => ({ ...orphan, staysBecause });
    if (connection.name !== name) return stays(`it has been renamed to '${connection.name}'`);
    const other = await this.records.findOtherPipeline(connectionId, pipelines);
    if (other !== undefined) return stays(`it is also of the workflow ${other}`);
    const job = await runningJob(this.airbyte, connectionId);
    if (job !== undefined) return stays(`job ${job.jobId} is running on it`);
    return { ...orphan, staysBecause: null };
  }

  /** Deletes a connection that was just read. Returns false where the server has no call for it. */
  async #delete(connectionId: string): Promise<boolean> {
    try {
      await this.airbyte.connections.delete(connectionId);
    } catch (error) {
      // The connection exists: a 404 that is not worded as Airbyte's own is about the call.
      if (isUnsupportedEndpoint(error) && !error.retryable) return false;
      if (!(error instanceof AirbyteError && error.type === 'AirbyteNotFound')) throw error;
    }
    return true;
  }
}
