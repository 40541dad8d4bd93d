/**
 * An Airbyte to develop against. `startSandbox()` opens an HTTP server that speaks the Config API (`/api/v1`) and the
 * public API (`/api/public/v1`) as a self-managed Airbyte does, and really moves rows: a job reads its source and writes
 * its destination.
 *
 * - Sources and destinations are those of `connectors/registry`, those of a connectors file (see `connectors-file`), and
 *   `Simulated`, whose jobs only pretend, for load tests and for any outcome one wants (see `simulated`).
 * - `airbyteVersion` chooses how old the server is, where that makes a difference (see `airbyte-versions`).
 * - Anything can go wrong on request (see `faults`), and every request is counted (see `request-log`): in process with
 *   `sandbox.faults` and `sandbox.requests`, from outside with `/sandbox/…` (see `control`).
 * - Connections have their own schedules, and start jobs by them (see `connection-schedules`).
 * - All state is in memory and ends with the sandbox.
 *
 * It is a development server, not a replacement for Airbyte: no users, no organizations, no isolation of connectors.
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
import { JobRunner } from './jobs/job-runner';
import { workFor } from './jobs/job-work';
import { type Shop, startShop } from './shop/shop';
import { AirbyteBehaviour, DEFAULT_AIRBYTE_VERSION, type SandboxAirbyteVersion } from './state/airbyte-versions';
import { Authentication, type SandboxAuthentication } from './state/authentication';
import { Definitions } from './state/definitions';
import { Store } from './state/store';

export type { Fault, FaultInput } from './http/faults';
export type { Shop } from './shop/shop';

export interface SandboxOptions {
  /** The address to listen on. Default: 127.0.0.1, which nobody else reaches; a container needs `0.0.0.0`. */
  host?: string;
  /** The port at that address. Default: a free one. */
  port?: number;
  /** How callers have to authenticate. Default: not at all. */
  auth?: SandboxAuthentication;
  /** The version whose calls, fields, errors and statuses the server has. Default: 1.6.0. */
  airbyteVersion?: SandboxAirbyteVersion;
  /** Names beside the usual ones by which others reach the sandbox: see `admission`. */
  allowedHosts?: readonly string[];
  /** What the control calls ask for. Default: a token of this sandbox's own. */
  controlToken?: string;
  /** The names of the workspaces there are. Default: `Default Workspace` alone. */
  workspaces?: readonly string[];
  /** A file that names further sources and the commands that run them. */
  connectorsFile?: string;
  /** Starts an embedded PostgreSQL with a small shop in it, to read from. */
  shop?: boolean;
  /**
   * Where the `S3` destination writes its Parquet files when it is given no endpoint. Default: a temporary folder, which
   * is removed when the sandbox stops.
   */
  dataDir?: string;
  /**
   * How often running attempts save their counts, in milliseconds; those of an attempt that failed or was cancelled come
   * that long after its end. Airbyte takes 10 seconds, up to a minute. Default: 0, the counts of the moment.
   */
  countsIntervalMs?: number;
  /**
   * Starts the first sync of a connection with a new basic schedule at once, as every Airbyte does. Default: no, so that a
   * test has the jobs that it starts.
   */
  firstSyncs?: boolean;
  /** The most rows that a page of a list has, as behind a server that gives fewer than it is asked for. Default: no limit. */
  pageLimit?: number;
  /**
   * By how much the clocks of Airbyte's pods are ahead, in milliseconds: each change of a job's status is timed by the next
   * of them. Default: one clock that is right.
   */
  podClocksMs?: readonly number[];
}

export interface Sandbox {
  /** The Config API's base: `http://127.0.0.1:PORT/api/v1`. The public API's is `/api/public/v1` at the same port. */
  url: string;
  /** What the control calls ask for, as `Authorization: Bearer …`. */
  controlToken: string;
  dataDir: string;
  shop?: Shop;
  /** The workspaces, sources, destinations, connections and jobs. */
  store: Store;
  /** Starts, ends and awaits jobs. */
  jobs: JobRunner;
  faults: Faults;
  requests: RequestLog;
  authentication: Authentication;
  /** Cancels every job and closes everything. */
  stop(): Promise<void>;
}

/**
 * @throws Error when the port is taken, or the connectors file is no good
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { connectorsFile } = options;
  const known = [...builtInDefinitions(), ...simulatedDefinitions];
  const further = connectorsFile === undefined ? [] : await readConnectorsFile(connectorsFile, known);
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'airbyte-sandbox-')));
  const definitions = new Definitions([...builtInDefinitions({ dataDir }), ...further, ...simulatedDefinitions]);
  const store = new Store(options.workspaces ?? ['Default Workspace']);
  const stopping = new AbortController();
  const behaviour = new AirbyteBehaviour(options.airbyteVersion ?? DEFAULT_AIRBYTE_VERSION);
  const jobs = new JobRunner(store, workFor(store, definitions, behaviour), behaviour, {
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
  const context: ApiContext = { store, definitions, jobs, schedules, behaviour, authentication, pageLimit, signal };
  const faults = new Faults();
  const requests = new RequestLog();

  const shop = options.shop === true ? await startShop() : undefined;
  const admission = new Admission(options);
  const served = { context, faults, requests, admission, ...(shop === undefined ? {} : { shop }) };
  const server = createServer(createRequestListener(served));
  // Longer than clients keep idle connections, so that none is closed just as a request is sent.
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0).catch(async (error: unknown) => {
    await shop?.stop();
    throw error;
  });

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
      await jobs.stop();
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
