import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { CliProcess } from './cli-command';

/** Starting a Temporal server, a database and two workers takes its time, and so does noticing that one has died. */
const TIMEOUT_MS = 180_000;

const { TEMPORAL_ADDRESS: _address, NODE_OPTIONS: _options, ...env } = process.env;
let demo: CliProcess | undefined;

afterEach(async () => {
  demo?.kill('SIGTERM');
  await demo?.exited;
});

it(
  'ends the same when its worker is killed on the way, and leaves nothing behind',
  async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'cli-demo-'));
    demo = new CliProcess(['demo', '--json'], { ...env, TMPDIR: temporary });
    const [, address] = await demo.said(/Temporal +(\S+) /);
    const [, url] = await demo.said(/Airbyte +(\S+) /);
    const [, pid] = await demo.said(/kill -9 (\d+)/);
    await demo.said(/Running the pipeline/);
    process.kill(Number(pid), 'SIGKILL');
    await demo.said(/was killed \(SIGKILL\).*starting another worker/);
    expect(await demo.exited).toBe(0);
    const { pipeline, secondSync, changedRows, files } = demo.document;
    expect(pipeline.sync).toMatchObject({ status: 'succeeded', recordsSynced: expect.any(Number) });
    expect(pipeline.sync.recordsSynced).toBeGreaterThan(100);
    expect(secondSync).toMatchObject({ status: 'succeeded', recordsSynced: changedRows });
    expect(files.length).toBeGreaterThan(0);
    expect((await readdir(temporary)).filter((name) => name.startsWith('temporal-airbyte-demo'))).toEqual([]);
    expect(demo.stderr).toContain('npm start -- --keep');
    await rm(temporary, { recursive: true });
    const [, otherPid] = /taken over \(process (\d+)\)/.exec(demo.stderr) ?? [];
    expect(isRunning(Number(otherPid))).toBe(false);
    expect(await Promise.all([listens(`http://${address}`), listens(String(url))])).toEqual([false, false]);
  },
  TIMEOUT_MS,
);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
