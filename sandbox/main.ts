/**
 * The sandbox as a process: `temporal-airbyte-sandbox [options]`. Once it is ready, it prints one line of JSON on
 * stdout: `{"url": "http://127.0.0.1:PORT/api/v1", "controlUrl": "http://127.0.0.1:PORT/sandbox", "controlToken": "…",
 * "dataDir": "…", "shop": {"host", "port", "database", "username", "password"}?}`. It logs to stderr. SIGTERM and
 * SIGINT end it.
 */
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startSandbox } from './server';
import type { ShopAddress } from './shop/shop';
import { DEFAULT_AIRBYTE_VERSION, isSandboxAirbyteVersion, SANDBOX_AIRBYTE_VERSIONS } from './state/airbyte-versions';
import type { SandboxAuthentication } from './state/authentication';

interface MainOptions {
  host: string;
  port: number;
  connectors?: string;
  shop?: boolean;
  shopPort: number;
  firstSyncs?: boolean;
  dataDir?: string;
  stateDir?: string;
  allowHost: string[];
  countsInterval: number;
  airbyteVersion: string;
  workspace: string[];
  pageLimit?: number;
  podClocks?: number[];
}

/** The program that the user has typed. `temporal-airbyte sandbox` runs this file itself. */
const PROGRAM = basename(process.argv[1] ?? '').startsWith('temporal-airbyte-sandbox')
  ? 'temporal-airbyte-sandbox'
  : 'temporal-airbyte sandbox';

const command = new Command(PROGRAM)
  .description(
    'An Airbyte to develop against: serves the Config API and the public API on 127.0.0.1. Its jobs really move rows.',
  )
  .option('--host <address>', 'address to listen on; 0.0.0.0 accepts connections from other machines', '127.0.0.1')
  .option('--port <number>', 'port to listen on; 0 selects a free one', toPort, 0)
  .option(
    '--connectors <file>',
    'YAML or JSON file that maps names of source definitions to the commands that run them',
  )
  .option('--shop', 'start an embedded PostgreSQL with the data of a small shop, as a source')
  .option('--shop-port <number>', 'port of the shop; 0 selects a free one', toPort, 0)
  .option('--first-syncs', 'start the first sync of a new basic schedule immediately, as Airbyte does')
  .option('--data-dir <folder>', 'folder for Parquet files without an S3 endpoint (default: a temporary folder)')
  .option('--state-dir <folder>', 'folder that keeps the state when the sandbox ends (default: it is lost)')
  .option(
    '--counts-interval <milliseconds>',
    'how often running attempts save their counts (Airbyte: 10000); counts of a failed attempt are saved this long after its end',
    toMilliseconds,
    0,
  )
  .option('--allow-host <name...>', 'further host names by which callers reach the sandbox', [])
  .option(
    '--page-limit <rows>',
    'largest number of rows on one page of a list, even if a request asks for more',
    toRows,
  )
  .option(
    '--pod-clocks <milliseconds...>',
    "how far the clocks of Airbyte's pods are ahead; each status change of a job takes its time from the next clock",
    (text, before: number[] = []) => [...before, Number(text)],
  )
  .option('--workspace <name...>', 'names of the workspaces', ['Default Workspace'])
  .addOption(
    new Option(
      '--airbyte-version <version>',
      'the Airbyte version whose calls, fields, errors and statuses the sandbox has',
    )
      .choices(SANDBOX_AIRBYTE_VERSIONS)
      .default(DEFAULT_AIRBYTE_VERSION),
  )
  .addHelpText(
    'after',
    '\nThe environment sets the authentication that callers need: SANDBOX_USERNAME and SANDBOX_PASSWORD (basic),\n' +
      'SANDBOX_TOKEN (bearer), SANDBOX_CLIENT_ID and SANDBOX_CLIENT_SECRET (client credentials; SANDBOX_TOKEN_LIFETIME_MS).\n' +
      'The control calls at /sandbox require the token in SANDBOX_CONTROL_TOKEN. Default: a new token, printed at the start.',
  );

async function main(): Promise<void> {
  const options = command.parse().opts<MainOptions>();
  if (!isSandboxAirbyteVersion(options.airbyteVersion)) throw new Error(`Unknown version: ${options.airbyteVersion}`);
  const starting = startSandbox({
    host: options.host,
    port: options.port,
    workspaces: options.workspace,
    allowedHosts: options.allowHost,
    countsIntervalMs: options.countsInterval,
    airbyteVersion: options.airbyteVersion,
    auth: authenticationFrom(process.env),
    shop: options.shop === true,
    shopPort: options.shopPort,
    firstSyncs: options.firstSyncs === true,
    ...(process.env['SANDBOX_CONTROL_TOKEN'] ? { controlToken: process.env['SANDBOX_CONTROL_TOKEN'] } : {}),
    ...(options.connectors === undefined ? {} : { connectorsFile: options.connectors }),
    ...(options.pageLimit === undefined ? {} : { pageLimit: options.pageLimit }),
    ...(options.podClocks === undefined ? {} : { podClocksMs: options.podClocks }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
  });

  // A signal may arrive during the start. The sandbox then finishes its start before it stops, so that nothing is left
  // running.
  const end = () => {
    starting.then((sandbox) => sandbox.stop()).then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);

  const { url, controlToken, dataDir, shop } = await starting;
  const controlUrl = new URL('/sandbox', url).href;
  const ready = { url, controlUrl, controlToken, dataDir, ...(shop === undefined ? {} : { shop: addressOf(shop) }) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function addressOf({ host, port, database, username, password }: ShopAddress): ShopAddress {
  return { host, port, database, username, password };
}

function authenticationFrom(env: NodeJS.ProcessEnv): SandboxAuthentication {
  const { SANDBOX_USERNAME: username, SANDBOX_PASSWORD: password, SANDBOX_TOKEN: token } = env;
  const { SANDBOX_CLIENT_ID: clientId, SANDBOX_CLIENT_SECRET: clientSecret, SANDBOX_TOKEN_LIFETIME_MS: lifetime } = env;
  if (username !== undefined && password !== undefined) return { kind: 'basic', username, password };
  if (token !== undefined) return { kind: 'bearer', token };
  if (clientId === undefined || clientSecret === undefined) return { kind: 'none' };
  const tokenLifetimeMs = lifetime === undefined ? {} : { tokenLifetimeMs: Number(lifetime) };
  return { kind: 'client-credentials', clientId, clientSecret, ...tokenLifetimeMs };
}

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It is not a port.');
}

function toRows(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows > 0) return rows;
  throw new InvalidArgumentError('It is not a number of rows.');
}

function toMilliseconds(text: string): number {
  const milliseconds = Number(text);
  if (Number.isInteger(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new InvalidArgumentError('It is not a number of milliseconds.');
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
