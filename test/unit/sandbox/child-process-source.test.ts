import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChildProcessSource } from '../../../sandbox/connectors/child-process-source';
import type { AirbyteMessage } from '../../../sandbox/connectors/protocol';

const source = createChildProcessSource({ command: [process.execPath, path.join(__dirname, 'fake-connector.mjs')] });
const { signal } = new AbortController();
const token = 'secret-token';
const catalog = {
  streams: [
    {
      stream: { name: 'users', json_schema: {}, supported_sync_modes: [] },
      sync_mode: 'incremental',
      destination_sync_mode: 'append',
    },
  ],
};
const state = { type: 'STREAM', stream: { stream_descriptor: { name: 'users' }, stream_state: { id: 1 } } };

describe('a connector that runs as a child process', () => {
  let folder: string;
  let witness: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'child-process-test-'));
    witness = path.join(folder, 'witness.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = async (
    config: object,
    remembered: unknown[] = [],
    abort: AbortSignal = signal,
    onMessage: (message: AirbyteMessage) => void = () => undefined,
  ): Promise<AirbyteMessage[]> => {
    const messages: AirbyteMessage[] = [];
    for await (const message of source.read({ token, ...config }, catalog, remembered, abort)) {
      messages.push(message);
      onMessage(message);
    }
    return messages;
  };
  const seenByConnector = async () =>
    JSON.parse(await readFile(witness, 'utf8')) as {
      folder: string;
      modes: string[];
      state: unknown;
      environment: string[];
    };

  it('gives its specification', async () => {
    expect(await source.spec()).toMatchObject({ properties: { token: { airbyte_secret: true } } });
  });

  it('checks', async () => {
    expect(await source.check({ token }, signal)).toEqual({ status: 'SUCCEEDED' });
    expect(await source.check({ token, mode: 'refuse' }, signal)).toEqual({
      status: 'FAILED',
      message: '********** is wrong',
    });
  });

  it('discovers', async () => {
    expect(await source.discover({ token }, signal)).toMatchObject([{ name: 'users' }]);
  });

  it('reads messages as they come, whole, and takes other lines for logs', async () => {
    expect(await read({})).toEqual([
      { type: 'LOG', log: { level: 'INFO', message: 'a line that is no message' } },
      { type: 'LOG', log: { level: 'INFO', message: 'reading with **********' } },
      { type: 'RECORD', record: { stream: 'users', data: { id: 1, name: `Zoë ${token}` }, emitted_at: 1 } },
      { type: 'STATE', state: { ...state, sourceStats: { recordCount: 1 } } },
    ]);
  });

  it('gets its files readable by its own user only, and they are removed', async () => {
    await read({ witness }, [state]);
    const seen = await seenByConnector();
    expect(seen.modes).toEqual(['600', '600', '600']);
    expect(seen.state).toEqual([state]);
    expect(existsSync(seen.folder)).toBe(false);
  });

  it('passes a legacy connector its single state unchanged', async () => {
    await read({ witness }, [{ type: 'LEGACY', data: { users: 7 } }]);
    expect((await seenByConnector()).state).toEqual({ users: 7 });
  });

  it('does not pass on the sandbox’s own environment', async () => {
    process.env['SECRET_OF_THE_SANDBOX'] = 'x';
    try {
      await read({ witness });
    } finally {
      delete process.env['SECRET_OF_THE_SANDBOX'];
    }
    expect((await seenByConnector()).environment).not.toContain('SECRET_OF_THE_SANDBOX');
  });

  it('fails with the reason that the connector gave, without its secrets', async () => {
    await expect(read({ mode: 'fail' })).rejects.toMatchObject({
      message: 'the token ********** has expired',
      failureType: 'config_error',
    });
  });

  it('fails with its last lines when it reported no reason', async () => {
    await expect(read({ mode: 'crash' })).rejects.toThrow(
      /read ended with exit code 3: Traceback\nout of memory with \*{10}/,
    );
  });

  it('says which command could not be started', async () => {
    const missing = createChildProcessSource({ command: ['no-such-connector'] });
    await expect(missing.spec()).rejects.toThrow(/no-such-connector spec could not be started: .*ENOENT/);
  });

  it('is ended when it is aborted, and its files are removed', async () => {
    const controller = new AbortController();
    const ended = path.join(folder, 'ended');
    let pid = 0;
    const reading = read({ mode: 'hang', ended, witness }, [], controller.signal, (message) => {
      if (message.type !== 'RECORD') return;
      pid = Number(message.record.data['pid']);
      controller.abort(new Error('cancelled'));
    });
    await expect(reading).rejects.toThrow('cancelled');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync((await seenByConnector()).folder)).toBe(false);
  });

  it('is ended when its output is no longer read', async () => {
    const ended = path.join(folder, 'ended');
    for await (const message of source.read({ token, mode: 'hang', ended, witness }, catalog, [], signal)) {
      if (message.type === 'RECORD') break;
    }
    expect(existsSync((await seenByConnector()).folder)).toBe(false);
  });
});
