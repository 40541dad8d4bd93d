import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLI_ENTRY } from '../../cli/demo/entry-points';
import { type Stack, startStack } from '../support/stack';

describe('a process whose output has no reader any longer', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await stack?.stop();
  });

  const started: ChildProcessWithoutNullStreams[] = [];

  function start(...args: string[]): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [CLI_ENTRY, ...args], { env: stack.environment() });
    started.push(child);
    return child;
  }

  it('continues if it is a worker, and shuts down gracefully at a signal', async () => {
    const worker = start('worker');
    const ended = once(worker, 'exit');
    for await (const line of createInterface({ input: worker.stderr })) if (line.startsWith('Ready:')) break;
    worker.stderr.destroy();
    worker.stdout.destroy();
    for (let sync = 0; sync < 3; sync += 1) {
      const connectionId = await stack.caller.simulatedConnection();
      const handle = await stack.startSync({ connectionId });
      expect(await handle.result()).toMatchObject({ connectionId, status: 'succeeded' });
    }
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it.each([['list', 'source-definitions'], ['--help']])(
    'ends without an error where it is a command: %s %s',
    async (...args) => {
      const command = start(...args);
      let said = '';
      command.stderr.on('data', (data) => {
        said += data;
      });
      command.stdout.destroy();
      expect(await once(command, 'close')).toEqual([0, null]);
      expect(said).not.toMatch(/EPIPE|\n\s+at /);
    },
  );

  it('does its work if it is a command and only its notes have no reader', async () => {
    const command = start('list', 'workspaces', '--json');
    command.stderr.destroy();
    let printed = '';
    command.stdout.on('data', (data) => {
      printed += data;
    });
    expect(await once(command, 'close')).toEqual([0, null]);
    expect(JSON.parse(printed)).toBeDefined();
  });
});
