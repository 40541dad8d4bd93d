import type { Client } from '@temporalio/client';
import type { MemoKey, ObjectMemo } from '../contract/object-memo';
import { type PipelineDocument, pipelineDocumentSchema } from '../contract/pipeline-document';
import { searchAttributeKeys } from '../contract/search-attribute-keys';
import { messageOf } from '../text/error-message';
import { GRPC_STATUS, grpcErrorOf } from './grpc-status';
import { inputOf } from './running-workflow';
import { queryEquals, queryIn } from './visibility-query';

/** The number of runs that are searched, the newest first. */
const RUNS_READ = 20;

/** A source may have thousands of connections, and the length of a query is limited. */
const CONNECTIONS_IN_A_QUERY = 50;

/** Temporal rejects a query as invalid if the namespace lacks its search attribute. */
const UNREADABLE: readonly number[] = [
  GRPC_STATUS.PERMISSION_DENIED,
  GRPC_STATUS.UNIMPLEMENTED,
  GRPC_STATUS.INVALID_ARGUMENT,
];

export interface PipelineRunsOptions {
  /** The ids under which the pipeline runs; none where no pipeline asks. */
  workflowIds: readonly string[];
  /** Only runs on this task queue count: those of another one belong to another Airbyte. */
  taskQueue: string;
  /** The run that asks, if it is one of them: it is not an earlier one. */
  ownRunId?: string | undefined;
  log: { warn(message: string, fields: Record<string, unknown>): void };
}

/** What an earlier run of a pipeline knows of an object. */
export interface EarlierRun {
  /** The memo of the object. */
  note: ObjectMemo;
  /** The document that the run applied; left out where it cannot be read any more. */
  document?: PipelineDocument;
}

/** An object that several pipelines may use. */
export interface SharedObject {
  kind: MemoKey;
  id: string;
  /** The connections that the object belongs to, or the connection itself: Temporal finds runs by their connection. */
  connectionIds: readonly string[];
}

/** A pipeline that uses an object. */
interface PipelineOfObject {
  name: string;
  /** When it last created or changed the object; ISO 8601, and empty if that is unknown. */
  changedAt: string;
}

/** The runs of a pipeline, each with what it noted in its memo and the document that it applied. */
export class PipelineRuns {
  constructor(
    private readonly client: Client,
    private readonly options: PipelineRunsOptions,
  ) {}

  /** Yields what each run noted of an object, the newest first; undefined for a run that noted nothing. */
  async *memos(kind: MemoKey): AsyncGenerator<ObjectMemo | undefined> {
    for await (const { memo } of this.#list()) yield memo?.[kind] as ObjectMemo | undefined;
  }

  /** Finds the newest matching memo of an object; undefined when none of the recent runs has it. */
  async findMemo(kind: MemoKey, isMatch: (note: ObjectMemo) => boolean): Promise<ObjectMemo | undefined> {
    let read = 0;
    for await (const noted of this.memos(kind)) {
      if (noted && isMatch(noted)) return noted;
      if (++read === RUNS_READ) return undefined;
    }
    return undefined;
  }

  /**
   * Finds the id that an earlier run noted for an object. It serves where Airbyte cannot list its objects: without a list, the
   * second run of a document would create everything again.
   */
  async findId(kind: MemoKey, name: string): Promise<string | undefined> {
    const [workflowId] = this.options.workflowIds;
    if (workflowId === undefined) return undefined;
    const noted = await this.findMemo(kind, (note) => note.name === name);
    if (noted) return noted.id;
    this.options.log.warn(
      `This server lists no ${kind}s, and no earlier run has noted '${name}': it is treated as new`,
      { workflowId },
    );
    return undefined;
  }

  /**
   * Finds the newest earlier run that applied an object of a name. Undefined when there is none, when Temporal no longer keeps
   * it, or when this worker may not read it.
   */
  async findEarlierRun(kind: MemoKey, name: string): Promise<EarlierRun | undefined> {
    return this.#ifReadable(async () => {
      let read = 0;
      for await (const { workflowId, runId, memo } of this.#earlierRuns()) {
        const note = memo?.[kind] as ObjectMemo | undefined;
        if (note?.name === name) {
          const document = await this.#documentOf(workflowId, runId);
          return { note, ...(document && { document }) };
        }
        if (++read === RUNS_READ) return undefined;
      }
      return undefined;
    });
  }

  /**
   * Finds the other pipeline that manages an object: the one whose runs created or changed it last. The memos of the runs are
   * the only record that works with every Airbyte: sources and destinations have no tags, and connections have them only since
   * 1.6. So a pipeline is forgotten when Temporal no longer keeps its runs.
   *
   * @param pipeline the name of the pipeline that asks
   * @param own what an earlier run of that pipeline noted of the object
   * @returns the name of the other pipeline; undefined if the pipeline that asks manages the object, or none does
   */
  async findManager(
    object: SharedObject,
    pipeline: string | undefined,
    own: ObjectMemo | undefined,
  ): Promise<string | undefined> {
    return this.#ifReadable(async () => {
      const users = await this.#pipelinesOf(object);
      if (own?.id === object.id) users.push({ name: pipeline ?? '', changedAt: own.changedAt ?? '' });
      const latest = users
        .map(({ changedAt }) => changedAt)
        .sort()
        .at(-1);
      const managers = users.filter(({ changedAt }) => changedAt === latest);
      // Of pipelines of which nothing is known but that they use the object, none has a right before the one that asks.
      return managers.some(({ name }) => name === (pipeline ?? '')) ? undefined : managers[0]?.name;
    });
  }

  /** The pipelines whose newest run that noted an object of the kind noted this one. */
  async #pipelinesOf({ kind, id, connectionIds }: SharedObject): Promise<PipelineOfObject[]> {
    const { taskQueue } = this.options;
    const newest = new Map<string, { runId: string; note: ObjectMemo }>();
    for (let start = 0; start < connectionIds.length; start += CONNECTIONS_IN_A_QUERY) {
      const query = [
        queryEquals('WorkflowType', 'runPipeline'),
        queryEquals('TaskQueue', taskQueue),
        queryIn(searchAttributeKeys.connectionId.name, connectionIds.slice(start, start + CONNECTIONS_IN_A_QUERY)),
      ].join(' AND ');
      for await (const { workflowId, runId, memo } of this.client.workflow.list({ query })) {
        const note = memo?.[kind] as ObjectMemo | undefined;
        if (note !== undefined && !newest.has(workflowId)) newest.set(workflowId, { runId, note });
      }
    }
    const using = [...newest].filter(([, { note }]) => note.id === id);
    return Promise.all(
      using.map(async ([workflowId, { runId, note }]) => {
        const document = await this.#documentOf(workflowId, runId);
        return { name: document?.name ?? workflowId, changedAt: note.changedAt ?? '' };
      }),
    );
  }

  /** What Temporal's runs show; undefined when this worker may not read them, or the namespace cannot search for them. */
  async #ifReadable<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      const code = grpcErrorOf(error)?.code;
      if (code === undefined || !UNREADABLE.includes(code)) throw error;
      this.options.log.warn('This worker may not read what earlier runs of pipelines noted', {
        reason: messageOf(error),
      });
      return undefined;
    }
  }

  /**
   * Yields the runs before the one that asks, the newest first. When a plan asks, no run of the pipeline does, and the latest
   * run comes first: a production server adds a run to its list only after seconds, and a plan often follows an apply immediately.
   */
  async *#earlierRuns() {
    const { ownRunId, taskQueue } = this.options;
    const latest = ownRunId === undefined ? await this.#describeLatestRun() : undefined;
    if (latest?.taskQueue === taskQueue) yield latest;
    for await (const run of this.#list()) {
      if (run.runId !== ownRunId && run.runId !== latest?.runId) yield run;
    }
  }

  async *#list() {
    const { workflowIds, taskQueue } = this.options;
    if (workflowIds.length === 0) return;
    const query = `${queryIn('WorkflowId', workflowIds)} AND ${queryEquals('TaskQueue', taskQueue)}`;
    for await (const run of this.client.workflow.list({ query })) {
      if (workflowIds.includes(run.workflowId) && run.taskQueue === taskQueue) yield run;
    }
  }

  async #describeLatestRun() {
    try {
      return await this.client.workflow.getHandle(this.options.workflowIds[0] ?? '').describe();
    } catch {
      // There is none, or it cannot be read: the list decides.
      return undefined;
    }
  }

  /** The document that a run was started with, as it was written: it names its secrets. */
  async #documentOf(workflowId: string, runId: string): Promise<PipelineDocument | undefined> {
    return pipelineDocumentSchema().safeParse(await inputOf(this.client, { workflowId, runId })).data;
  }
}
