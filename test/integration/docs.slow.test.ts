import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLI_ENTRY } from '../../cli/demo/entry-points';
import { findExecutable } from '../../tools/executables';
import { freePort } from '../../tools/free-ports';
import { type Stack, startStack } from '../support/stack';
import { installCommand } from './command-on-path';

const ROOT = join(__dirname, '..', '..');

/** The shell commands of a text, in their order. */
function commandsOf(markdown: string): string {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return (
    blocks
      .join('\n')
      // A worker has a terminal of its own.
      .replace(/^(npx temporal-airbyte worker)$/gm, '$1 &')
      // The guide's worker listens on another machine; here it has a free port, and takes some seconds to start.
      .replace(
        /^(AIRBYTE_WEBHOOK_URL=http:\/\/)airbyte-worker:8400 (.*)$/gm,
        'npx temporal-airbyte worker --webhook "$WEBHOOK_PORT" &\nuntil $1"127.0.0.1:$WEBHOOK_PORT" $2; do sleep 0.2; done',
      )
      // The codec server runs until it is stopped, and the connection has no run that is encrypted.
      .replace(
        /^(temporal-airbyte codec-server) --port 8081 (.*)$/gm,
        'npx $1 --port "$WEBHOOK_PORT" $2 &\nuntil (exec 3<>"/dev/tcp/127.0.0.1/$WEBHOOK_PORT") 2>/dev/null; do sleep 0.2; done',
      )
      .replace(/^temporal workflow show .* --codec-endpoint .*$/gm, '')
      // Temporal knows a version from the first time that a worker of it has asked for work.
      .replace(/^(temporal worker deployment .*)$/gm, 'until $1; do sleep 0.2; done')
  );
}

const SCRIPTS = readdirSync(join(ROOT, 'docs'))
  // The commands for Kubernetes need a cluster: test/kubernetes runs Helm where it is installed.
  .filter((file) => file.endsWith('.md') && file !== 'kubernetes.md')
  .map((document) => ({ document, script: commandsOf(readFileSync(join(ROOT, 'docs', document), 'utf8')) }))
  .filter(({ script }) => script !== '');

const PIPELINE = `
name: guide
source: { name: guide, definition: Simulated, configuration: { records: 10 } }
destination: { name: guide, definition: Simulated, configuration: {} }
connection:
  name: Guide
  streams: [{ name: events, syncMode: full_refresh, destinationSyncMode: overwrite }]
`;

/** Runs the commands of the guides, against an Airbyte with the connection that the guides use. */
describe('the commands of the guides', () => {
  let stack: Stack;
  /** The folder in which they run, with a document of their own; the programs that they call are in `bin`. */
  let folder: string;
  let bin: string;
  let connectionId: string;
  let uninstallCommand: () => Promise<void>;
  const startedIn = process.cwd();

  beforeAll(async () => {
    [stack, folder] = await Promise.all([startStack(), mkdtemp(join(tmpdir(), 'guides-'))]);
    bin = join(folder, 'bin');
    await mkdir(bin);
    connectionId = await stack.caller.simulatedConnection({ records: 10 }, { name: 'My connection' });
    await stack.caller.simulatedConnection({ records: 10 }, { name: 'PostgreSQL → MinIO' });
    await Promise.all([
      symlink(join(ROOT, 'examples'), join(folder, 'examples')),
      writeFile(join(folder, 'pipeline.yaml'), PIPELINE),
    ]);
    uninstallCommand = await installCommand(join(bin, 'temporal-airbyte'));
    // The commands run in this process.
    process.chdir(folder);
    // `npx temporal-airbyte` is this checkout's, whose worker is a process of its own, and `temporal` the one that the tests use.
    const programs = {
      npx: `case "$2" in worker | codec-server) shift; exec '${process.execPath}' '${CLI_ENTRY}' "$@" ;; esac\nexec "$@"`,
      temporal: `exec '${await findExecutable('temporal')}' "$@"`,
    };
    for (const [name, command] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${command}\n`);
      await chmod(join(bin, name), 0o755);
    }
  });
  afterAll(async () => {
    process.chdir(startedIn);
    await uninstallCommand?.();
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  async function run(script: string): Promise<{ code: number | null; output: string }> {
    const env = stack.temporal.environment({
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: process.env['HOME'],
      AIRBYTE_URL: stack.sandbox.url,
      AIRBYTE_TASK_QUEUE: stack.taskQueue,
      ID: connectionId,
      WEBHOOK_PORT: String(await freePort()),
    });
    const shell = spawn(
      'bash',
      ['-euxo', 'pipefail', '-c', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`],
      {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [[code], ...output] = await Promise.all([once(shell, 'exit'), text(shell.stdout), text(shell.stderr)]);
    return { code, output: output.join('\n') };
  }

  it.each(SCRIPTS)('$document', async ({ script }) => {
    const { code, output } = await run(script);
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  });
});
