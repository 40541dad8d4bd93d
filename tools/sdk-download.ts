import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Runtime } from '@temporalio/worker';
import { version as sdkVersion } from '@temporalio/worker/package.json';
import type { DownloadRequest, ExecutableName } from './download';

/** A download that brings no byte for this long is given up, because without a network it may never end. */
const STALL_TIMEOUT_MS = 15_000;
const PROGRESS_CHECK_INTERVAL_MS = 1_000;

/** The SDK downloads a program again once it is older. Here each download gets a folder of its own. */
const DOWNLOAD_LIFETIME_MS = 24 * 60 * 60 * 1_000;

type ServerConfig = Parameters<Runtime['createEphemeralServer']>[0];

/** The SDK downloads a server only when it starts one; so the script starts one and ends it. */
const SCRIPT = `
const [worker, config] = process.argv.slice(1);
const runtime = require(worker).Runtime.instance();
runtime.createEphemeralServer(JSON.parse(config))
  .then((server) => runtime.shutdownEphemeralServer(server))
  .catch((error) => {
    process.stderr.write(String(error.message));
    process.exitCode = 1;
  });
`;

/**
 * Lets the Temporal SDK download the program, in a process of its own, since the SDK's download cannot be stopped.
 *
 * @throws Error with the SDK's reason, or that the download stood still
 */
export async function downloadWithSdk({ name, version, destination, env }: DownloadRequest): Promise<void> {
  const folder = await mkdtemp(join(dirname(destination), 'sdk-'));
  try {
    const config = JSON.stringify(serverConfig(name, version, folder));
    await run([require.resolve('@temporalio/worker'), config], folder, env);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error("The Temporal SDK's own download left nothing.");
    await rename(join(folder, file), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function serverConfig(name: ExecutableName, version: string, downloadDir: string): ServerConfig {
  const exe = {
    type: 'cached-download',
    version: `v${version}`,
    downloadDir,
    ttl: DOWNLOAD_LIFETIME_MS,
    sdkName: 'sdk-typescript',
    sdkVersion,
  } as const;
  if (name === 'temporal-test-server') return { type: 'time-skipping', exe, port: null, extraArgs: [] };
  return {
    type: 'dev-server',
    exe,
    ip: '127.0.0.1',
    port: null,
    ui: false,
    uiPort: null,
    namespace: 'default',
    dbFilename: null,
    log: { format: 'pretty', level: 'warn' },
    extraArgs: [],
  };
}

function run(args: string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    let stalled = false;
    const child = execFile(process.execPath, ['-e', SCRIPT, ...args], { env }, (error, _stdout, stderr) => {
      clearInterval(watch);
      if (!error) resolve();
      else if (stalled)
        reject(new Error(`The Temporal SDK's own download stood still for ${STALL_TIMEOUT_MS / 1_000} s.`));
      else reject(new Error(`The Temporal SDK's own download failed (${lastClauses(stderr) || error.message}).`));
    });
    let bytes = 0;
    let progressAt = Date.now();
    const watch = setInterval(async () => {
      const now = await bytesIn(folder);
      if (now !== bytes) progressAt = Date.now();
      bytes = now;
      stalled = Date.now() - progressAt > STALL_TIMEOUT_MS;
      if (stalled) child.kill('SIGKILL');
    }, PROGRESS_CHECK_INTERVAL_MS);
  });
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The last clauses of a message of the native library, which repeats itself; they hold the reason. */
function lastClauses(message: string): string {
  return message.trim().split(': ').slice(-2).join(': ');
}
