import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { superviseProcess } from '../../../tools/supervised-process';

/** Connects to the port in its first argument, says that it is ready, and lives until it is ended. */
const PROGRAM = `require('node:net').connect(process.argv[1], '127.0.0.1', () => console.log('it is ready'))`;

describe('superviseProcess', () => {
  /** Its connections tell for how long a process lives: the system closes them, however it ends. */
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
    const supervised = superviseProcess(process.execPath, ['-e', PROGRAM, port]);
    const { ended } = await connected();
    await supervised.waitForOutput('is ready');
    await supervised.stop();
    await ended;
  });

  it('fails with the last words of a process that ends before it is ready', async () => {
    const program = `console.error('the port is taken'); process.exit(3)`;
    const supervised = superviseProcess(process.execPath, ['-e', program]);
    await expect(supervised.waitForOutput('is ready')).rejects.toThrow('ended before it was ready: the port is taken');
    await supervised.stop();
  });

  it('fails where there is no such program', async () => {
    const supervised = superviseProcess(join(__dirname, 'no-such-program'), []);
    await expect(supervised.waitForOutput('is ready')).rejects.toThrow('ENOENT');
    await supervised.stop();
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
    exports.superviseProcess(process.execPath, ${args}).waitForOutput('is ready');
    ${then === 'stay' ? 'setInterval(() => {}, 60_000);' : ''}
  `;
}
