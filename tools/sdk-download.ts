import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DownloadRequest } from './download';

/** A download without a new byte for this long is given up: where there is no network, it may hang for ever. */
const STALL_TIMEOUT_MS = 15_000;
const PROGRESS_CHECK_INTERVAL_MS = 1_000;

/** Only starting a server makes the SDK download one; so one is started, and ended at once. */
const SCRIPT = `
const [testing, name, version, downloadDir] = process.argv.slice(1);
const { TestWorkflowEnvironment } = require(testing);
const server = { executable: { type: 'cached-download', version: 'v' + version, downloadDir } };
const start = name === 'temporal' ? TestWorkflowEnvironment.createLocal : TestWorkflowEnvironment.createTimeSkipping;
start.call(TestWorkflowEnvironment, { server })
  .then((environment) => environment.teardown())
  .catch((error) => {
    process.stderr.write(String(error.message));
    process.exitCode = 1;
  });
`;

/**
 * Has the Temporal SDK download the program. In a process of its own, since the SDK's download cannot be stopped.
 *
 * @throws Error with the SDK's reason, or that the download stood still
 */
export async function downloadWithSdk({ name, version, destination, env }: DownloadRequest): Promise<void> {
  const folder = await mkdtemp(join(dirname(destination), 'sdk-'));
  try {
    await run([require.resolve('@temporalio/testing'), name, version, folder], folder, env);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error("The Temporal SDK's own download left nothing.");
    await rename(join(folder, file), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    let stalled = false;
    const child = execFile(process.execPath, ['-e', SCRIPT, ...args], { env }, (error, _stdout, stderr) => {
      clearInterval(watch);
      if (!error) resolve();
      else if (stalled)
        reject(new Error(`The Temporal SDK's own download stood still for ${STALL_TIMEOUT_MS / 1_000} s.`));
      else reject(new Error(`The Temporal SDK's own download failed (${shorten(stderr) || error.message}).`));
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

/** The native library repeats itself; its last clause is the reason. */
function shorten(message: string): string {
  return message.trim().split(': ').slice(-2).join(': ');
}
