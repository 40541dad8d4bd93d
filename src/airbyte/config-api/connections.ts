import { z } from 'zod';
import type { CallOptions } from '../calls';
import { AirbyteError, withAdvice } from '../errors';
import { readJob } from '../http/body-readers';
import { jobInfoSchema } from '../job-responses/job-schemas';
import type { Job } from '../jobs';
import { ifAvailable } from '../lookup/optional-responses';
import type { Connections, RefreshMode } from '../resources';
import { type Connection, type ConnectionSchedule, connectionSchema, looseRecord } from '../schemas';
import type { ConfigApi } from './config-api';

/** `{ job }` since 1.6, without a job if another one is running and the refresh has to wait; `{ value }` before 1.6. */
const refreshSchema = z.union([
  jobInfoSchema.transform((job) => ({ job, accepted: true })),
  looseRecord({ value: z.boolean().optional(), job: z.undefined().optional() }).transform(({ value }) => ({
    job: undefined,
    accepted: value !== false,
  })),
]);

const destinationVersionSchema = looseRecord({ supportsRefreshes: z.boolean().optional() });

export class ConfigConnections implements Connections {
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
    const call = 'connections/list';
    const connections = await this.#api.list(call, { workspaceId }, 'connections', connectionSchema, options);
    // Airbyte does not show the workspace in the connections. The objects are changed in place, since isPartiallyRead
    // knows them.
    return connections.map((connection) => Object.assign(connection, { workspaceId }));
  }

  update(connection: { connectionId: string; [field: string]: unknown }, options?: CallOptions): Promise<Connection> {
    return this.#api.post('connections/update', 'write', connection, connectionSchema, options);
  }

  async delete(connectionId: string, options?: CallOptions): Promise<void> {
    await this.#api.post('connections/delete', 'write', { connectionId }, z.unknown(), options);
  }

  normalizeSchedule(schedule: ConnectionSchedule): ConnectionSchedule {
    return schedule;
  }

  sync(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api.post('connections/sync', 'trigger', { connectionId }, jobInfoSchema, options, readJob);
  }

  reset(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api.post('connections/reset', 'trigger', { connectionId }, jobInfoSchema, options, readJob);
  }

  clear(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#api
      .post('connections/clear', 'trigger', { connectionId }, jobInfoSchema, options, readJob)
      .catch(addAdviceIfUnsupported('Airbyte has clear since 0.63. Use reset, which does the same.'));
  }

  async refresh(
    connectionId: string,
    request: { refreshMode?: RefreshMode } = {},
    options?: CallOptions,
  ): Promise<Job | undefined> {
    const call = 'connections/refresh';
    const body = { connectionId, refreshMode: request.refreshMode ?? 'Merge' };
    const response = await this.#api
      .post(call, 'trigger', body, refreshSchema, options, readJob)
      .catch(addAdviceIfUnsupported('Airbyte has refresh since 0.63. Use reset, then sync.'));
    if (response.accepted === false) {
      throw new AirbyteError({
        type: 'AirbyteUnsupported',
        call,
        status: 200,
        message: `${call} at ${this.#api.baseUrl} started no refresh: the destination of connection ${connectionId} does not support refreshes. Use clear, then sync.`,
        retryable: false,
        effect: 'none',
      });
    }
    return response.job;
  }

  async supportsRefreshes(connectionId: string, options?: CallOptions): Promise<boolean | undefined> {
    const call = 'actor_definition_versions/get_for_destination';
    return ifAvailable(
      this.get(connectionId, options).then(async ({ destinationId }) => {
        const version = await this.#api.post(call, 'read', { destinationId }, destinationVersionSchema, options);
        return version.supportsRefreshes;
      }),
    );
  }
}

/** Adds to the error of an unsupported call what to do instead. */
function addAdviceIfUnsupported(advice: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof AirbyteError && error.type === 'AirbyteUnsupported' ? withAdvice(error, advice) : error;
  };
}
