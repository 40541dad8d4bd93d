import { type Body, Reply, type Responder } from './scripted-airbyte';

export interface ScriptedJob {
  id: number;
  configType: string;
  configId: string;
  status: string;
  createdAt: number;
  updatedAt: number;
}

const CONNECTION_ID = 'connection-1';

/** The jobs of one connection, and the calls that return them as Airbyte does. */
export class ScriptedJobs {
  readonly all: ScriptedJob[] = [];
  /** The kinds of job that the server knows; it rejects lists of others. */
  knownTypes = ['sync', 'reset_connection', 'refresh', 'clear'];
  connectionStatus: string | undefined = 'active';

  add(status: string, configType = 'sync'): ScriptedJob {
    const id = 100 + this.all.length;
    const job = { id, configType, configId: CONNECTION_ID, status, createdAt: 1_700_000_000, updatedAt: 1_700_000_000 };
    this.all.push(job);
    return job;
  }

  /** The ids of the jobs of one kind. */
  ids(configType = 'sync'): number[] {
    return this.all.filter((job) => job.configType === configType).map(({ id }) => id);
  }

  get responders(): Record<string, Responder> {
    return {
      'jobs/list': (body) =>
        (body['configTypes'] as string[]).every((type) => this.knownTypes.includes(type))
          ? { jobs: this.list(body) }
          : new Reply(422, { message: 'Invalid json.' }),
      'connections/get': ({ connectionId }) => ({ connectionId, name: 'Shop → Lake', status: this.connectionStatus }),
    };
  }

  private list({ configTypes, configId, pagination }: Body): unknown[] {
    const { pageSize = 20 } = (pagination ?? {}) as { pageSize?: number };
    return this.all
      .filter((job) => job.configId === configId && (configTypes as string[]).includes(job.configType))
      .reverse()
      .slice(0, pageSize)
      .map((job) => ({ job, attempts: [] }));
  }
}

/** The response of `connections/sync` and similar calls. */
export const jobInfo = (job: ScriptedJob) => ({ job, attempts: [] });
