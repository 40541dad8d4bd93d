import { z } from 'zod';
import type { ConfigApi } from './config-api';
import { AirbyteError } from './errors';
import type { CallOptions } from './http';
import { type Job, jobInfoSchema } from './jobs';
import { type Connection, connectionSchema, looseRecord } from './schemas';

/**
 * `Truncate` removes the old records once the new ones are there, `Merge` keeps both.
 */
export type RefreshMode = 'Truncate' | 'Merge';

/** `{ job }` since 1.6, without a job where one runs already and the refresh has to wait; `{ value }` before. */
const refreshSchema = z.union([
  jobInfoSchema.transform((job) => ({ job, accepted: true })),
  looseRecord({ value: z.boolean().optional(), job: z.undefined().optional() }).transform(({ value }) => ({
    job: undefined,
    accepted: value !== false,
  })),
]);

export class Connections {
  readonly #api: ConfigApi;

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  create(
    connection: { sourceId: string; destinationId: string; status: string; [field: string]: unknown },
    options?: CallOptions,
  ): Promise<Connection> {
    return this.#api.post('connections/create', 'write', connection, connectionSchema, options);
  }

  get(connectionId: string, options?: CallOptions): Promise<Connection> {
    return this.#api.post('connections/get', 'read', { connectionId }, connectionSchema, options);
  }

  async list(workspaceId: string, options?: CallOptions): Promise<Connection[]> {
    const schema = looseRecord({ connections: z.array(connectionSchema) });
    return (await this.#api.post('connections/list', 'read', { workspaceId }, schema, options)).connections;
  }

  /** Changes what is given and leaves the rest. A connection that was read, changed and sent back whole works too. */
  update(connection: { connectionId: string; [field: string]: unknown }, options?: CallOptions): Promise<Connection> {
    return this.#api.post('connections/update', 'write', connection, connectionSchema, options);
  }

  /** Starts a sync. @throws AirbyteError `AirbyteConflict` when a job runs already. */
  sync(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api.post('connections/sync', 'trigger', { connectionId }, jobInfoSchema, options);
  }

  /** Starts a reset, the older word for `clear`; Airbyte has kept it. */
  reset(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api.post('connections/reset', 'trigger', { connectionId }, jobInfoSchema, options);
  }

  /** Starts the removal of the connection's records in the destination. Airbyte has it since 0.63. */
  clear(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api.post('connections/clear', 'trigger', { connectionId }, jobInfoSchema, options);
  }

  /**
   * Starts a new read of every record. Airbyte has it since 0.63.
   *
   * @returns the job; undefined from servers before 1.6, which only say that there is one, and while another job runs:
   * Airbyte keeps the refresh in mind, and the connection's next sync becomes it.
   */
  async refresh(
    connectionId: string,
    request: { refreshMode?: RefreshMode } = {},
    options?: CallOptions,
  ): Promise<Job | undefined> {
    const call = 'connections/refresh';
    const body = { connectionId, refreshMode: request.refreshMode ?? 'Merge' };
    const answer = await this.#api.post(call, 'trigger', body, refreshSchema, options);
    if (answer.accepted === false) {
      throw new AirbyteError({
        type: 'AirbyteInvalidRequest',
        call,
        status: 200,
        message: `${call} at ${this.#api.baseUrl} was refused: Airbyte started no refresh of connection ${connectionId}. Its streams or its destination do not support one; use clear, then sync.`,
        retryable: false,
        effect: 'none',
      });
    }
    return answer.job;
  }
}
