import { randomUUID } from 'node:crypto';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/server';

/** What the API responded. The body is read field by field in the tests, so it is as loose as JSON is. */
export interface ApiResponse {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON whose shape it knows
  body: any;
  headers: Headers;
}

/** Calls of one sandbox. */
export class ApiCaller {
  constructor(
    readonly sandbox: Sandbox,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** A call of the Config API; its response, whatever the status. */
  async request(call: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<ApiResponse> {
    const response = await fetch(`${this.sandbox.url}/${call}`, {
      method: call === 'health' ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...this.headers, ...headers },
      ...(call === 'health' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  }

  /** The body of a call that has to succeed. */
  async call(call: string, body: unknown = {}): Promise<ApiResponse['body']> {
    const response = await this.request(call, body);
    if (response.status >= 300)
      throw new Error(`${call} responded with ${response.status}: ${JSON.stringify(response.body)}`);
    return response.body;
  }

  /** A call of the sandbox's own, such as `POST /sandbox/faults`. */
  async control(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const response = await fetch(new URL(path, this.sandbox.url), {
      method,
      headers: { authorization: `Bearer ${this.sandbox.controlToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: parsed(await response.text()), headers: response.headers };
  }

  async workspaceId(): Promise<string> {
    return [...this.sandbox.store.workspaces.keys()][0] ?? '';
  }

  /** The id of a definition by its name. */
  async definitionId(kind: 'source' | 'destination', name: string): Promise<string> {
    const { [`${kind}Definitions`]: definitions } = await this.call(`${kind}_definitions/list`);
    return definitions.find((definition: { name: string }) => definition.name === name)[`${kind}DefinitionId`];
  }

  async createActor(
    kind: 'source' | 'destination',
    definition: string,
    configuration: object,
    name: string = randomUUID(),
  ) {
    const response = await this.call(`${kind}s/create`, {
      workspaceId: await this.workspaceId(),
      [`${kind}DefinitionId`]: await this.definitionId(kind, definition),
      connectionConfiguration: configuration,
      name,
    });
    return response[`${kind}Id`] as string;
  }

  /** A connection whose jobs are simulated as the configuration says. */
  async simulatedConnection(simulation: object = {}, connection: object = {}): Promise<string> {
    const sourceId = await this.createActor('source', 'Simulated', simulation);
    const destinationId = await this.createActor('destination', 'Simulated', {});
    const { catalog } = await this.call('sources/discover_schema', { sourceId });
    const created = await this.call('connections/create', {
      sourceId,
      destinationId,
      status: 'active',
      syncCatalog: catalog,
      ...connection,
    });
    return created.connectionId;
  }

  /** Starts a sync and waits for the job's end. */
  async runToEnd(connectionId: string): Promise<ApiResponse['body']> {
    const { job } = await this.call('connections/sync', { connectionId });
    await this.ended(job.id);
    return this.call('jobs/get', { id: job.id });
  }

  async ended(jobId: number): Promise<void> {
    await this.sandbox.jobs.reached(jobId, ({ status }) => ['succeeded', 'failed', 'cancelled'].includes(status));
  }
}

/** A sandbox for one test file or one test. */
export async function startCaller(
  options: SandboxOptions = {},
  headers: Record<string, string> = {},
): Promise<ApiCaller> {
  return new ApiCaller(await startSandbox(options), headers);
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
