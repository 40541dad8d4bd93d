import { join } from 'node:path';
import type { Fault, FaultInput } from 'temporal-airbyte-sandbox';
import { withoutOwnVariables } from '../cli/demo/demo-processes';
import { sandboxEntry } from '../cli/demo/entry-points';
import { parseSandboxReady } from '../cli/demo/sandbox-ready';
import { SupervisedProcess } from '../tools/supervised-process';
import { inParallel } from './in-parallel';

const DEFINITION = 'Simulated';
const CALLS_AT_ONCE = 32;

/** How long jobs take, in milliseconds. */
export interface JobDurations {
  from: number;
  to: number;
}

/** A job, as the sandbox itself knows it. */
export interface SandboxJob {
  jobId: number;
  connectionId: string;
  status: string;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  /** Milliseconds since 1970; left out until it has ended. */
  endedAtMs?: number;
}

export interface SandboxProcessOptions {
  /** Further arguments of the sandbox. */
  args?: string[];
  /** A token that callers have to give. */
  token?: string;
}

/** The sandbox as a process of its own, with jobs that only pretend. */
export class SandboxProcess {
  private constructor(
    private readonly child: SupervisedProcess,
    /** Base of the Config API. */
    readonly url: string,
    private readonly controlUrl: string,
    private readonly controlToken: string,
    private readonly token: string | undefined,
  ) {}

  /** @param folder where its log goes */
  static async start(folder: string, { args = [], token }: SandboxProcessOptions = {}): Promise<SandboxProcess> {
    const child = new SupervisedProcess({
      name: 'The sandbox',
      file: process.execPath,
      args: [sandboxEntry(), ...args],
      env: { ...withoutOwnVariables(process.env), ...(token !== undefined && { SANDBOX_TOKEN: token }) },
      logFile: join(folder, 'sandbox.log'),
    });
    const ready = parseSandboxReady(await child.waitForLine((line) => parseSandboxReady(line) !== undefined));
    if (ready === undefined) throw new Error('The sandbox did not say where it is.');
    return new SandboxProcess(child, ready.url, ready.controlUrl, ready.controlToken, token);
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  /** Creates connections whose jobs take a time within the range, any as likely as another; or that are held. */
  async createConnections(count: number, jobs: JobDurations | 'held'): Promise<string[]> {
    const { workspaces } = await this.call<{ workspaces: { workspaceId: string }[] }>('workspaces/list');
    const workspaceId = workspaces[0]?.workspaceId;
    const createActor = async (kind: 'source' | 'destination', connectionConfiguration: object) => {
      const { [`${kind}Definitions`]: definitions = [] } = await this.call<Record<string, Record<string, string>[]>>(
        `${kind}_definitions/list`,
      );
      const definitionId = definitions.find(({ name }) => name === DEFINITION)?.[`${kind}DefinitionId`];
      const actor = { workspaceId, name: kind, [`${kind}DefinitionId`]: definitionId, connectionConfiguration };
      return (await this.call<Record<string, string>>(`${kind}s/create`, actor))[`${kind}Id`];
    };
    const duration = jobs === 'held' ? { hold: true } : { duration_ms: jobs.from, maximum_duration_ms: jobs.to };
    const sourceId = await createActor('source', { ...duration, records: 1_000, bytes: 100_000 });
    const destinationId = await createActor('destination', {});
    return inParallel([...Array(count).keys()], CALLS_AT_ONCE, async (index) => {
      const connection = { sourceId, destinationId, status: 'active', name: `sync ${index}` };
      return (await this.call<{ connectionId: string }>('connections/create', connection)).connectionId;
    });
  }

  /** How many requests it has received since they were last forgotten: all, or those of one call. */
  async requestCount(call?: string): Promise<number> {
    const { total, calls } = await this.control<{ total: number; calls: Record<string, number> }>('GET', 'requests');
    return call === undefined ? total : (calls[call] ?? 0);
  }

  async forgetRequests(): Promise<void> {
    await this.control('DELETE', 'requests');
  }

  async jobs(): Promise<SandboxJob[]> {
    return (await this.control<{ jobs: SandboxJob[] }>('GET', 'jobs')).jobs;
  }

  /** Ends a job that is held: it succeeds. */
  async finish({ jobId }: SandboxJob): Promise<void> {
    await this.control('POST', `jobs/${jobId}/finish`);
  }

  async addFault(fault: FaultInput): Promise<void> {
    await this.control('POST', 'faults', fault);
  }

  async faults(): Promise<Fault[]> {
    return (await this.control<{ faults: Fault[] }>('GET', 'faults')).faults;
  }

  private call<T>(call: string, body: object = {}): Promise<T> {
    const headers = this.token === undefined ? undefined : { authorization: `Bearer ${this.token}` };
    return request(`${this.url}/${call}`, 'POST', body, headers);
  }

  private control<T>(method: string, resource: string, body?: object): Promise<T> {
    return request(`${this.controlUrl}/${resource}`, method, body, { authorization: `Bearer ${this.controlToken}` });
  }
}

async function request<T>(url: string, method: string, body?: object, headers?: Record<string, string>): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} responded with ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
