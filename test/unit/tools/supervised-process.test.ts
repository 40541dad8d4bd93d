import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { SupervisedProcess } from '../../../tools/supervised-process';

/** Connects to the port in its first argument, says that it is ready, and lives until it is ended. */
const PROGRAM = `require('node:net').connect(process.argv[1], '127.0.0.1', () => console.log('it is ready'))`;

const isReady = (line: string) => line.includes('is ready');

function supervise(args: string[], file = process.execPath): SupervisedProcess {
  return new SupervisedProcess({ name: 'The program', file, args });
}

describe('SupervisedProcess', () => {
  /** The system closes a connection when its process ends in any way, so the connections show how long a process lives. */
  let server: Server;
  let port: string;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = String(typeof address === 'object' ? address?.port : 0);
  });

  afterEach(() => void server.close());

  async function connected(): Promise<{ ended: Promise<unknown> }> {
    const [socket] = await once(server, 'connection');
    socket.resume();
    return { ended: once(socket, 'close') };
  }

  it('waits for the line that says it is ready, and ends with stop', async () => {
    const supervised = supervise(['-e', PROGRAM, port]);
    const { ended } = await connected();
    await supervised.waitForLine(isReady);
    await supervised.stop();
    await ended;
  });

  it('fails with the last output of a process that ends before it is ready', async () => {
    const program = `console.error('the port is taken'); process.exit(3)`;
    const supervised = supervise(['-e', program]);
    await expect(supervised.waitForLine(isReady)).rejects.toThrow('ended before it was ready: the port is taken');
    await supervised.stop();
  });

  it('fails where there is no such program', async () => {
    const supervised = supervise([], join(__dirname, 'no-such-program'));
    await expect(supervised.waitForLine(isReady)).rejects.toThrow('ENOENT');
    await supervised.stop();
  });

  it('tells the process id, the exit code and the signal of the process itself', async () => {
    const failing = supervise(['-e', 'console.log(process.pid); process.exit(3)']);
    const ownPid = await failing.waitForLine((line) => /^\d+$/.test(line));
    expect(failing.pid).toBe(Number(ownPid));
    expect(await failing.exited).toEqual({ code: 3, signal: null });
    const killed = supervise(['-e', PROGRAM, port]);
    const { ended } = await connected();
    await killed.waitForLine(isReady);
    process.kill(killed.pid ?? 0, 'SIGKILL');
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await ended;
  });

  it('keeps its output in a file and gives each line with its stream', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supervised-'));
    const logFile = join(folder, 'output.log');
    const lines: string[] = [];
    const { exited } = new SupervisedProcess({
      name: 'The program',
      file: process.execPath,
      args: ['-e', `console.log('one'); console.error('two'); process.stdout.write('three')`],
      logFile,
      onLine: (line, stream) => void lines.push(`${stream}: ${line}`),
    });
    await exited;
    expect(lines.sort()).toEqual(['stderr: two', 'stdout: one', 'stdout: three']);
    expect((await readFile(logFile, 'utf8')).split('\n').sort()).toEqual(['', 'one', 'three', 'two']);
    await rm(folder, { recursive: true });
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('ends with a parent that is ended by %s', async (signal) => {
    const parent = spawn(process.execPath, ['-e', `${compiled()}\n${parentProgram(port)}`], { stdio: 'ignore' });
    const { ended } = await connected();
    parent.kill(signal);
    await ended;
  });

  it('ends with a parent that just has nothing left to do', async () => {
    const parent = spawn(process.execPath, ['-e', `${compiled()}\n${parentProgram(port, 'then-leave')}`], {
      stdio: 'ignore',
    });
    const [{ ended }] = await Promise.all([connected(), once(parent, 'exit')]);
    await ended;
  });
});

/** The module under test, for a process without jest. */
function compiled(): string {
  const source = readFileSync(require.resolve('../../../tools/supervised-process'), 'utf8');
  return transformSync(source, { jsc: { parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }).code;
}

function parentProgram(port: string, then: 'stay' | 'then-leave' = 'stay'): string {
  const args = JSON.stringify(['-e', PROGRAM, port]);
  return `
    const supervised = new exports.SupervisedProcess({ name: 'it', file: process.execPath, args: ${args} });
    supervised.waitForLine((line) => line.includes('is ready')).then(() => {
      ${then === 'stay' ? 'setInterval(() => {}, 60_000);' : 'supervised.unref();'}
    });
  `;
}
