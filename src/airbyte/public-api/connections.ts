import { z } from 'zod';
import type { CallOptions } from '../calls';
import type { Job } from '../jobs';
import type { Connections, ListOptions } from '../resources';
import type { Connection, ConnectionSchedule } from '../schemas';
import { publicConnectionSchema, toPublicFields, UnrepresentableConnection } from './connection-fields';
import { publicJobSchema } from './job-fields';
import { type PublicApi, USE_CONFIG_API } from './public-api';
import { publicScheduleSchema, toPublicSchedule, UnrepresentableSchedule } from './schedule';

export class PublicConnections implements Connections {
  readonly #api: PublicApi;

  constructor(api: PublicApi) {
    this.#api = api;
  }

  async create(
    connection: { sourceId: string; destinationId: string; status: string; [field: string]: unknown },
    options?: CallOptions,
  ): Promise<Connection> {
    const { sourceId, destinationId } = connection;
    const fields = this.#translate('POST connections', () => toPublicFields(connection));
    const body = { sourceId, destinationId, ...fields };
    return this.#api.post('connections', 'write', body, publicConnectionSchema, options);
  }

  get(connectionId: string, options?: CallOptions): Promise<Connection> {
    return this.#api.get(pathOf(connectionId), {}, publicConnectionSchema, options);
  }

  list(workspaceId: string, options?: ListOptions): Promise<Connection[]> {
    const query = { workspaceIds: [workspaceId] };
    const idOf = ({ connectionId }: Connection) => connectionId;
    return this.#api.listAll('connections', query, publicConnectionSchema, idOf, options);
  }

  async update(
    connection: { connectionId: string; [field: string]: unknown },
    options?: CallOptions,
  ): Promise<Connection> {
    const path = pathOf(connection.connectionId);
    const body = this.#translate(`PATCH ${path}`, () => toPublicFields(connection));
    return this.#api.patch(path, body, publicConnectionSchema, options);
  }

  async delete(connectionId: string, options?: CallOptions): Promise<void> {
    await this.#api.delete(pathOf(connectionId), 'write', z.unknown(), options);
  }

  normalizeSchedule(schedule: ConnectionSchedule): ConnectionSchedule {
    return publicScheduleSchema.parse(this.#translate('schedule', () => toPublicSchedule(schedule)));
  }

  sync(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#start(connectionId, 'sync', options);
  }

  reset(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#start(connectionId, 'reset', options);
  }

  clear(connectionId: string, options?: CallOptions): Promise<Job> {
    return this.#start(connectionId, 'clear', options);
  }

  async refresh(connectionId: string): Promise<Job | undefined> {
    const advice = `Use clear, then sync. ${USE_CONFIG_API}`;
    throw this.#api.unsupported('POST jobs', `A refresh of the connection ${connectionId}`, advice);
  }

  async supportsRefreshes(): Promise<boolean | undefined> {
    return false;
  }

  #start(connectionId: string, jobType: string, options: CallOptions | undefined): Promise<Job> {
    return this.#api.post('jobs', 'trigger', { connectionId, jobType }, publicJobSchema, options);
  }

  /** @throws AirbyteError `AirbyteInvalidRequest` for what the public API cannot represent */
  #translate<T>(call: string, convert: () => T): T {
    try {
      return convert();
    } catch (error) {
      if (error instanceof UnrepresentableConnection || error instanceof UnrepresentableSchedule) {
        throw this.#api.invalid(call, error.message);
      }
      throw error;
    }
  }
}

function pathOf(connectionId: string): string {
  return `connections/${encodeURIComponent(connectionId)}`;
}
