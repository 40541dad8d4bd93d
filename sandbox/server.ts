/**
 * An Airbyte to develop against. `startSandbox()` opens an HTTP server that serves the Config API (`/api/v1`) and the
 * public API (`/api/public/v1`) as a self-managed Airbyte does. Its jobs really move rows from a source to a
 * destination.
 *
 * - The sources and destinations are those of `connectors/registry`, those of a connectors file (see
 *   `connectors/connectors-file`), and `Simulated`, whose jobs move nothing: for load tests, and for any outcome that a
 *   test needs (see `connectors/simulated`).
 * - `airbyteVersion` selects the version of Airbyte whose API the server has (see `state/airbyte-versions`).
 * - A test can inject faults (see `http/faults`), and every request is counted (see `http/request-log`): in the same
 *   process through `sandbox.faults` and `sandbox.requests`, from another one through `/sandbox/…` (see
 *   `http/control-calls`).
 * - Connections have their own schedules, which start jobs (see `jobs/connection-schedules`).
 * - The webhooks of a workspace are called when a sync has ended (see `jobs/job-notifications`).
 * - All state is in memory and is lost when the sandbox stops, unless it has a folder for it (see `state/state-file`).
 *
 * This is a development server and does not replace Airbyte: it has no users, no organizations, and does not isolate
 * connectors.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ApiContext } from './api/call';
import { readConnectorsFile } from './connectors/connectors-file';
import { builtInDefinitions } from './connectors/registry';
import { simulatedDefinitions } from './connectors/simulated';
import { Admission } from './http/admission';
import { Faults } from './http/faults';
import { createRequestListener } from './http/request-listener';
import { RequestLog } from './http/request-log';
import { ConnectionSchedules } from './jobs/connection-schedules';
import { workFor } from './jobs/connection-work';
import { JobNotifications } from './jobs/job-notifications';
import { JobRunner } from './jobs/job-runner';
import { type Shop, startShop } from './shop/shop';
import { AirbyteBehaviour, DEFAULT_AIRBYTE_VERSION, type SandboxAirbyteVersion } from './state/airbyte-versions';
import { Authentication, type SandboxAuthentication } from './state/authentication';
import { Definitions } from './state/definitions';
import { StateFile } from './state/state-file';
import { Store } from './state/store';

export type { Fault, FaultInput } from './http/faults';
export type { Shop } from './shop/shop';

export interface SandboxOptions {
  /** The address to listen on. Default: 127.0.0.1, which only this machine reaches; a container needs `0.0.0.0`. */
  host?: string;
  /** The port at that address. Default: a free one. */
  port?: number;
  /** How callers have to authenticate. Default: no authentication. */
  auth?: SandboxAuthentication;
  /** The version that decides on calls, fields, errors and statuses. Default: 1.6.0. */
  airbyteVersion?: SandboxAirbyteVersion;
  /** Further host names by which callers reach the sandbox: see `http/admission`. */
  allowedHosts?: readonly string[];
  /** The token of the control calls. Default: a new random token. */
  controlToken?: string;
  /** The names of the workspaces. Default: only `Default Workspace`. */
  workspaces?: readonly string[];
  /** A file with further sources and the commands that run them. */
  connectorsFile?: string;
  /** Starts an embedded PostgreSQL that contains a small shop, as a source to read from. */
  shop?: boolean;
  /** The port of the shop. Default: any free port. */
  shopPort?: number;
  /**
   * Where the `S3` destination writes its Parquet files if its configuration has no endpoint. Default: a temporary
   * folder, which is removed when the sandbox stops.
   */
  dataDir?: string;
  /**
   * A folder that keeps the state. A sandbox that starts with the same folder continues where the last one stopped or was
   * killed, with its unfinished jobs. Default: the state is lost.
   */
  stateDir?: string;
  /**
   * How often a running attempt saves its counts, in milliseconds. The counts of an attempt that failed or was
   * cancelled are saved this long after its end. In Airbyte it takes 10 seconds to a minute. Default: 0, which always
   * shows the current counts.
   */
  countsIntervalMs?: number;
  /**
   * Starts the first sync of a connection as soon as it gets a basic schedule, as every Airbyte does. Default: false,
   * so that only the test itself starts jobs.
   */
  firstSyncs?: boolean;
  /** The largest number of rows on one page of a list, even if a request asks for more. Default: no limit. */
  pageLimit?: number;
  /**
   * How far the clocks of Airbyte's pods are ahead, in milliseconds. Each status change of a job takes its time from
   * the next clock of this list. Default: one correct clock.
   */
  podClocksMs?: readonly number[];
}

export interface Sandbox {
  /**
   * The base of the Config API: `http://127.0.0.1:PORT/api/v1`. The public API is at `/api/public/v1` of the same port.
   */
  url: string;
  /** The token of the control calls, which callers send as `Authorization: Bearer …`. */
  controlToken: string;
  dataDir: string;
  shop?: Shop;
  /** The workspaces, sources, destinations, connections and jobs. */
  store: Store;
  /** Starts and ends jobs, and waits for them. */
  jobs: JobRunner;
  faults: Faults;
  requests: RequestLog;
  authentication: Authentication;
  /** Closes all servers, and cancels every job; with a folder for the state, the jobs continue in the next sandbox. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox.
 *
 * @throws Error if the port is in use or the connectors file is invalid
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { connectorsFile } = options;
  const known = [...builtInDefinitions(), ...simulatedDefinitions];
  const further = connectorsFile === undefined ? [] : await readConnectorsFile(connectorsFile, known);
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'airbyte-sandbox-')));
  const definitions = new Definitions([...builtInDefinitions({ dataDir }), ...further, ...simulatedDefinitions]);
  const store = new Store(options.workspaces ?? ['Default Workspace']);
  const stateFile = options.stateDir === undefined ? undefined : await StateFile.open(options.stateDir, store);
  const stopping = new AbortController();
  const behaviour = new AirbyteBehaviour(options.airbyteVersion ?? DEFAULT_AIRBYTE_VERSION);
  const notifications = new JobNotifications(store, behaviour);
  const jobs = new JobRunner(store, workFor(store, definitions, behaviour), behaviour, {
    notifications,
    ...(options.countsIntervalMs !== undefined && { countsIntervalMs: options.countsIntervalMs }),
    ...(options.podClocksMs !== undefined && { podClocksMs: options.podClocksMs }),
  });
  const schedules = new ConnectionSchedules(
    (connection) => jobs.start(connection, 'sync'),
    options.firstSyncs === true,
  );
  jobs.onEnd((connection) => schedules.update(connection));
  const authentication = new Authentication(options.auth ?? { kind: 'none' });
  const { pageLimit = Number.POSITIVE_INFINITY } = options;
  const { signal } = stopping;
  const context: ApiContext = {
    ...{ store, definitions, jobs, notifications, schedules, behaviour },
    ...{ authentication, pageLimit, signal },
  };
  const faults = new Faults();
  const requests = new RequestLog();

  const shop = options.shop === true ? await startShop({ port: options.shopPort ?? 0 }) : undefined;
  const admission = new Admission(options);
  const served = {
    ...{ context, faults, requests, admission },
    ...(shop === undefined ? {} : { shop }),
    ...(stateFile === undefined ? {} : { stateFile }),
  };
  const server = createServer(createRequestListener(served));
  // Longer than clients keep idle connections open, so that the server closes none while a request is on its way.
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0).catch(async (error: unknown) => {
    await shop?.stop();
    throw error;
  });
  jobs.resume();
  for (const connection of store.connections.values()) schedules.update(connection);

  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    controlToken: admission.controlToken,
    dataDir,
    ...(shop === undefined ? {} : { shop }),
    store,
    jobs,
    faults,
    requests,
    authentication,
    async stop() {
      stopping.abort();
      faults.remove();
      server.closeAllConnections();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      schedules.stop();
      await (stateFile === undefined ? jobs.stop() : jobs.suspend());
      await stateFile?.save();
      await closed;
      await shop?.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
