/** What Temporal's UI shows of encrypted payloads, in a real Chromium, without a codec server and with one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliCommand, runCommand } from '../integration/cli-command';
import { keyLine, writeKeys } from '../support/encryption-keys';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { findChromium, NO_CHROMIUM } from './chromium';
import { UiBrowser } from './ui-browser';

const START_MS = 120_000;
const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const MARKER = 'the source is out of disk';

const executable = findChromium();
if (executable === undefined) process.stderr.write(`\nThe codec server in Temporal's UI is ${NO_CHROMIUM}.\n\n`);
const title = executable === undefined ? `The codec server (${NO_CHROMIUM})` : 'The codec server';

(executable === undefined ? describe.skip : describe)(title, () => {
  let stack: Stack;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let stopWorker: () => Promise<void>;
  let server: CliCommand;
  let ui: UiBrowser;

  beforeAll(async () => {
    [stack, folder] = await Promise.all([startStack({ worker: false }), mkdtemp(join(tmpdir(), 'codec-ui-test-'))]);
    const keys = await writeKeys(join(folder, 'keys'), keyLine('current'));
    env = { ...stack.environment(), AIRBYTE_CODEC_KEYS_FILE: keys, AIRBYTE_CODEC_TOKEN: TOKEN };
    stopWorker = await startWorkerOfEnvironment(stack.temporal, env);
    const { uiUrl = '' } = stack.temporal;
    const { origin } = new URL(uiUrl);
    server = new CliCommand(['codec-server', '--port', '0', '--origin', origin, '--json'], env);
    await server.printed(/\n}\n$/);
    ui = await UiBrowser.open(executable ?? '', uiUrl);
  }, START_MS);

  afterAll(async () => {
    await ui?.close();
    server?.interrupt('SIGTERM');
    await server?.exited;
    await stopWorker?.();
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  it('shows the input and the failure of a run, which are unreadable without it', async () => {
    const simulation = { outcome: 'failed', failure_message: MARKER };
    const name = uniqueName('encrypted');
    const connectionId = await stack.caller.simulatedConnection(simulation, { name });
    const sync = await runCommand(['sync', connectionId, '--timeout', '47m', '--json'], env);
    expect(sync.exitCode).toBe(1);
    const { workflowId, runId } = await stack.temporal.client.workflow
      .list({ query: `AirbyteConnectionId = '${connectionId}'` })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => value);

    await ui.workflow({ workflowId, runId }, 'history');
    await ui.shows('AirbyteSyncFailed');
    const encoded = await ui.text();
    expect(encoded).not.toContain(MARKER);
    expect(encoded).not.toContain('47m');

    await ui.useCodecServer(`${server.document.url}/${TOKEN}`);
    await ui.load(`workflows/${encodeURIComponent(workflowId)}/${runId}/history`);
    // The editor that shows JSON splits a text into several elements.
    const decoded = await until(async () => {
      const text = await ui.text();
      return text.includes(MARKER) && text;
    });
    expect(decoded).toContain('"timeout": "47m"');
    expect(server.stderr).toContain('decode of');
    expect(server.stderr).not.toContain('Rejected');
  });
});
