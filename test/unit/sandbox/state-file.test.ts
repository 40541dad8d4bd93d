import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';

describe('a sandbox with a folder for its state', () => {
  let folder: string;
  let callers: ApiCaller[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-state-'));
    callers = [];
  });
  afterEach(async () => {
    for (const { sandbox } of callers) await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  async function start(stateDir: string): Promise<ApiCaller> {
    const caller = await startCaller({ stateDir });
    callers.push(caller);
    return caller;
  }

  /** The state that a sandbox leaves when it is killed now. */
  async function afterKill(): Promise<string> {
    const copy = join(folder, 'after-kill');
    await cp(join(folder, 'live'), copy, { recursive: true });
    return copy;
  }

  const sync = async (caller: ApiCaller, connectionId: string) =>
    (await caller.call('connections/sync', { connectionId })).job.id as number;

  it('continues the jobs of the one that was killed, with the same connections, and new ids', async () => {
    const first = await start(join(folder, 'live'));
    const connectionId = await first.simulatedConnection({ jobs: [{}, { hold: true }, {}] });
    const ended = await sync(first, connectionId);
    await first.ended(ended);
    const held = await sync(first, connectionId);
    await first.sandbox.jobs.reached(held, ({ status }) => status === 'running');
    const before = await first.call('connections/get', { connectionId });

    const second = await start(await afterKill());
    expect(await second.call('connections/get', { connectionId })).toEqual(before);
    expect(await second.call('workspaces/list')).toEqual(await first.call('workspaces/list'));
    expect(await second.call('jobs/get', { id: ended })).toEqual(await first.call('jobs/get', { id: ended }));
    await second.sandbox.jobs.reached(held, ({ status, attempts }) => status === 'running' && attempts.length === 2);
    const { attempts } = await second.call('jobs/get', { id: held });
    const failures = attempts.flatMap(({ attempt }: { attempt: { failureSummary?: { failures: object[] } } }) => [
      ...(attempt.failureSummary?.failures ?? []),
    ]);
    expect(failures).toEqual([expect.objectContaining({ internalMessage: 'The sandbox stopped during the attempt.' })]);
    await second.sandbox.jobs.finish(held);
    expect((await second.call('jobs/get', { id: held })).job.status).toBe('succeeded');
    expect(await sync(second, connectionId)).toBe(held + 1);
  });

  it('continues the jobs of the one that stopped, instead of cancelling them', async () => {
    const first = await start(join(folder, 'live'));
    const connectionId = await first.simulatedConnection({ jobs: [{ hold: true }] });
    const held = await sync(first, connectionId);
    await first.sandbox.jobs.reached(held, ({ status }) => status === 'running');
    await first.sandbox.stop();
    const second = await start(join(folder, 'live'));
    await second.sandbox.jobs.reached(held, ({ status, attempts }) => status === 'running' && attempts.length === 2);
  });

  it('keeps the file, which has secrets, to its own user, and says so when it cannot use one', async () => {
    const live = join(folder, 'live');
    const { sandbox } = await start(live);
    const file = join(live, 'sandbox-state.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ organizationId: sandbox.store.organizationId });
    await writeFile(file, '{"version": 0}');
    await expect(start(live)).rejects.toThrow(
      `The state in ${file} cannot be used: it has the form 0, and this version of the sandbox reads the form 1. Remove the file to begin anew.`,
    );
  });
});
