import { join } from 'node:path';
import type { Fault, FaultInput } from '../sandbox/faults';
import { ChildProcess } from '../src/cli/child-process';
import { withoutOurs } from '../src/cli/demo-processes';
import { SANDBOX_ENTRY } from '../src/cli/entry-points';
import { parseSandboxReady } from '../src/cli/sandbox-ready';
import { inParallel } from './in-parallel';

const DEFINITION = 'Simulated';
const CALLS_AT_ONCE = 32;
/** Job durations are spread over the range in steps of this, in milliseconds. */
const DURATION_STEP_MS = 100;

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

/** The sandbox as a process of its own, with jobs that only pretend. */
export class SandboxProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Base of the Config API. */
    readonly url: string,
  ) {}

  /** @param folder where its log goes */
  static async start(folder: string): Promise<SandboxProcess> {
    const child = new ChildProcess({
      name: 'The sandbox',
      script: SANDBOX_ENTRY,
      args: [],
      env: withoutOurs(process.env),
      logFile: join(folder, 'sandbox.log'),
    });
    const ready = parseSandboxReady(await child.line((line) => parseSandboxReady(line) !== undefined));
    if (ready === undefined) throw new Error('The sandbox did not say where it is.');
    return new SandboxProcess(child, ready.url);
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  /**
   * Creates connections of one workspace. The durations of their jobs are spread evenly over the range, and are the same
   * for the same number of connections.
   */
  async createConnections(count: number, { from, to }: JobDurations): Promise<string[]> {
    const { workspaces } = await this.call<{ workspaces: { workspaceId: string }[] }>('workspaces/list');
    const workspaceId = workspaces[0]?.workspaceId;
    const createActor = async (kind: 'source' | 'destination', name: string, connectionConfiguration: object) => {
      const { [`${kind}Definitions`]: definitions = [] } = await this.call<Record<string, Record<string, string>[]>>(
        `${kind}_definitions/list`,
      );
      const definitionId = definitions.find((definition) => definition['name'] === DEFINITION)?.[`${kind}DefinitionId`];
      const actor = { workspaceId, name, [`${kind}DefinitionId`]: definitionId, connectionConfiguration };
      return (await this.call<Record<string, string>>(`${kind}s/create`, actor))[`${kind}Id`];
    };
    const steps = Math.floor((to - from) / DURATION_STEP_MS) + 1;
    const durations = Array.from({ length: steps }, (_, step) => from + step * DURATION_STEP_MS);
    const sourceIds = await inParallel(durations, CALLS_AT_ONCE, (duration_ms) =>
      createActor('source', `jobs of ${duration_ms} ms`, { duration_ms, records: 1_000, bytes: 100_000 }),
    );
    const destinationId = await createActor('destination', 'nowhere', {});
    return inParallel([...Array(count).keys()], CALLS_AT_ONCE, async (index) => {
      const connection = { sourceId: sourceIds[index % steps], destinationId, status: 'active', name: `sync ${index}` };
      return (await this.call<{ connectionId: string }>('connections/create', connection)).connectionId;
    });
  }

  /** How many requests it has received since they were last forgotten. */
  async requestCount(): Promise<number> {
    return (await this.control<{ total: number }>('GET', 'requests')).total;
  }

  async forgetRequests(): Promise<void> {
    await this.control('DELETE', 'requests');
  }

  async jobs(): Promise<SandboxJob[]> {
    return (await this.control<{ jobs: SandboxJob[] }>('GET', 'jobs')).jobs;
  }

  async addFault(fault: FaultInput): Promise<void> {
    await this.control('POST', 'faults', fault);
  }

  async faults(): Promise<Fault[]> {
    return (await this.control<{ faults: Fault[] }>('GET', 'faults')).faults;
  }

  private call<T>(call: string, body: object = {}): Promise<T> {
    return request(`${this.url}/${call}`, 'POST', body);
  }

  private control<T>(method: string, resource: string, body?: object): Promise<T> {
    return request(new URL(`/sandbox/${resource}`, this.url), method, body);
  }
}

async function request<T>(url: string | URL, method: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
