/** How the jobs of a connection are simulated: `duration_ms`, `records`, `outcome`, … as docs/sandbox.md lists them. */
export type Simulation = Readonly<Record<string, unknown>>;

/** A running sandbox. */
export interface TestSandbox {
  /** For `AIRBYTE_URL`, or `new AirbytePlugin({ airbyte: { url } })`. */
  readonly url: string;
  /** Creates a connection whose jobs move nothing, and returns its id. By default they succeed immediately with no records. */
  simulatedConnection(simulation?: Simulation): Promise<string>;
  stop(): Promise<void>;
}

/** What this module needs of the package, which the users of temporal-airbyte install on their own. */
interface SandboxPackage {
  startSandbox(): Promise<{ url: string; stop(): Promise<void> }>;
}

/**
 * Starts an Airbyte for tests on a free port of this machine: a server with Airbyte's API, which really moves rows. It needs the
 * package `temporal-airbyte-sandbox`. Its jobs take real time, so use it with `TestWorkflowEnvironment.createLocal()`.
 *
 * @throws Error when the package is not installed
 */
export async function startTestSandbox(): Promise<TestSandbox> {
  const { url, stop } = await startInstalled();
  async function call(name: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${url}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The sandbox rejected ${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }
  async function createSimulated(kind: 'source' | 'destination', configuration: Simulation): Promise<unknown> {
    const { workspaces } = (await call('workspaces/list', {})) as { workspaces: { workspaceId: string }[] };
    const listed = await call(`${kind}_definitions/list`, {});
    const definitions = listed[`${kind}Definitions`] as Record<string, string>[];
    const definition = definitions.find(({ name }) => name === 'Simulated');
    const created = await call(`${kind}s/create`, {
      workspaceId: workspaces[0]?.workspaceId,
      [`${kind}DefinitionId`]: definition?.[`${kind}DefinitionId`],
      connectionConfiguration: configuration,
      name: `simulated ${kind}`,
    });
    return created[`${kind}Id`];
  }
  return {
    url,
    stop,
    async simulatedConnection(simulation = {}) {
      const sourceId = await createSimulated('source', simulation);
      const destinationId = await createSimulated('destination', {});
      const { catalog } = await call('sources/discover_schema', { sourceId });
      const connection = { sourceId, destinationId, status: 'active', syncCatalog: catalog };
      return (await call('connections/create', connection))['connectionId'] as string;
    },
  };
}

async function startInstalled(): Promise<{ url: string; stop(): Promise<void> }> {
  const { startSandbox }: SandboxPackage = require(sandboxModule());
  const sandbox = await startSandbox();
  return { url: sandbox.url, stop: () => sandbox.stop() };
}

function sandboxModule(): string {
  try {
    return require.resolve('temporal-airbyte-sandbox');
  } catch (error) {
    throw new Error(
      'A test sandbox needs the package temporal-airbyte-sandbox, which is not installed: npm install --save-dev temporal-airbyte-sandbox',
      { cause: error },
    );
  }
}
