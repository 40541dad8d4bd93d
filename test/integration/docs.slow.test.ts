/**
 * Runs the commands of README.md and of the guides as a reader would: in their order, on one demo that `npm start -- --keep`
 * leaves running.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLI_ENTRY } from '../../cli/demo/entry-points';
import { findExecutable } from '../../tools/executables';
import { freePort } from '../../tools/free-ports';
import { CliProcess, runCommand } from './cli-command';
import { installCommand } from './command-on-path';

const ROOT = join(__dirname, '..', '..');
const README = 'README.md';

/** The commands that are not run on the demo, and what runs them instead. */
const ELSEWHERE: readonly [command: RegExp, where: string][] = [
  [/^npm start\b/, 'this test, which keeps the demo; test/integration/cli-demo.slow.test.ts'],
  [/^npm test\b/, 'it runs this test, and the others'],
  [/^npm ci && npm run build$/, 'test/truth/consumer-projects.slow.test.ts'],
  [/^export (AIRBYTE_URL|TEMPORAL_ADDRESS)=/, 'the demo, which prints other addresses'],
  [/^sh docker\/make-secrets\.sh$/, 'test/containers/containers.test.ts'],
  [/^docker compose /, 'test/containers/containers.test.ts'],
  [/^docker build /, 'test/containers/containers.test.ts'],
  [/^helm (install|test) /, 'test/kubernetes/helm-chart.slow.test.ts'],
  [/^kubectl create secret /, 'test/kubernetes/helm-chart.slow.test.ts'],
  [/^kubectl apply /, 'test/integration/outside-schedulers.slow.test.ts'],
  [/^sudo install .*cron/, 'test/integration/outside-schedulers.slow.test.ts'],
  [/^python examples\/python\//, 'test/integration/examples-python.slow.test.ts'],
  [/^go run -C examples\/go /, 'test/integration/examples-go.slow.test.ts'],
  [/^mvn -f examples\/java /, 'test/integration/examples-java.slow.test.ts'],
  // The connection of the guide has no run that is encrypted.
  [/^temporal workflow show .* --codec-endpoint /, 'test/integration/encryption.test.ts'],
];

/** What a reader does in another terminal, or with an address or a namespace of their own. */
function asRun(command: string): string {
  return (
    command
      // Workers run until the demo ends.
      .replace(/^(npx temporal-airbyte worker|node examples\/own-worker\/worker\.js)$/, `$1 ${IN_BACKGROUND}`)
      // The guide's worker listens on another machine; here it has a free port, and takes some seconds to start.
      .replace(
        /^(AIRBYTE_WEBHOOK_URL=http:\/\/)airbyte-worker:8400 (.*)$/,
        `npx temporal-airbyte worker --webhook "$FREE_PORT" ${IN_BACKGROUND}\nuntil $1"127.0.0.1:$FREE_PORT" $2; do sleep 0.2; done`,
      )
      .replace(
        /^(temporal-airbyte codec-server) --port 8081 (.*)$/,
        `npx $1 --port "$FREE_PORT" $2 ${IN_BACKGROUND}\nuntil (exec 3<>"/dev/tcp/127.0.0.1/$FREE_PORT") 2>/dev/null; do sleep 0.2; done`,
      )
      // Temporal knows a version from the first time that a worker of it has asked for work.
      .replace(/^(temporal worker deployment .*)$/, 'until $1; do sleep 0.2; done')
  );
}

const IN_BACKGROUND = '>>"$BACKGROUND_LOG" 2>&1 &';

interface Page {
  document: string;
  commands: string[];
}

/** The commands of a page: those of its shell blocks and, in the README, those in the table of the examples. */
function readPage(document: string): Page {
  const markdown = readFileSync(join(ROOT, document), 'utf8');
  const [before = '', examples = '', after = ''] = splitExamples(markdown);
  const inTable = [...examples.matchAll(/^\|.*\| `([^`]+)` +\|$/gm)].map(([, command = '']) => command);
  return { document, commands: [...commandsOf(before), ...inTable, ...commandsOf(after)] };
}

/** What is before, in and after the section with the examples; a page without it is all before. */
function splitExamples(markdown: string): string[] {
  const start = markdown.indexOf('\n## Examples\n');
  if (start === -1) return [markdown];
  const end = markdown.indexOf('\n## ', start + 1);
  return [markdown.slice(0, start), markdown.slice(start, end), markdown.slice(end)];
}

/** The commands of the shell blocks, without comments, and with lines that a backslash continues put together. */
function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const lines = blocks
    .join('')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines.map((line) => line.replace(/(^|\s)\s*#\s.*$/, '').trim()).filter((line) => line !== '');
}

/** README.md, then the guides in the order in which it lists them, then the other pages. */
function readPages(): Page[] {
  const readme = readFileSync(join(ROOT, README), 'utf8');
  const guides = readme.slice(readme.indexOf('\n## Guides\n')).matchAll(/\((docs\/[\w-]+\.md)/g);
  const others = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
  const documents = [README, ...[...guides].map(([, guide = '']) => guide), ...others.map((file) => `docs/${file}`)];
  return [...new Set(documents)].map(readPage).filter(({ commands }) => commands.length > 0);
}

const PAGES = readPages();
/** The same without what is run elsewhere. */
const RUN_PAGES = PAGES.map(({ document, commands }) => ({
  document,
  commands: commands.filter((command) => !ELSEWHERE.some(([pattern]) => pattern.test(command))),
})).filter(({ commands }) => commands.length > 0);

/** What the guides call `pipeline.yaml`, and `My connection`. */
const pipelineDocument = (name: string, connection: string) => `
name: ${name}
source: { name: ${name}, definition: Simulated, configuration: { records: 10 } }
destination: { name: ${name}, definition: Simulated, configuration: {} }
connection:
  name: ${connection}
  streams: [{ name: events, syncMode: full_refresh, destinationSyncMode: overwrite }]
sync: false
`;

it('every command that is not run on the demo is still in the docs, and the test that runs it exists', () => {
  const commands = PAGES.flatMap((page) => page.commands);
  for (const [pattern, where] of ELSEWHERE) {
    expect(commands).toContainEqual(expect.stringMatching(pattern));
    for (const [file] of where.matchAll(/test\/\S+\.ts/g))
      expect({ file, exists: existsSync(join(ROOT, file)) }).toEqual({ file, exists: true });
  }
});

describe('on one kept demo, the commands of', () => {
  let demo: CliProcess;
  /** The folder in which they run; the programs that they call are in `bin`. */
  let folder: string;
  let bin: string;
  let env: NodeJS.ProcessEnv;
  let uninstallCommand: () => Promise<void>;
  const shells: ChildProcess[] = [];
  const startedIn = process.cwd();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docs-'));
    bin = join(folder, 'bin');
    await mkdir(bin);
    const { TEMPORAL_ADDRESS: _address, NODE_OPTIONS: _options, ...own } = process.env;
    demo = new CliProcess(['demo', '--keep'], { ...own, TMPDIR: folder });
    await demo.said(/Temporal's UI: /);
    const printed = [...demo.stderr.matchAll(/^ +(?:export (.*)|(SECRET_\S+) npx .*)$/gm)];
    const variables = printed.flatMap(([, exported, secret]) => (exported ?? secret ?? '').split(' '));
    const addresses = Object.fromEntries(variables.map((variable) => variable.split('=', 2)));
    env = { ...own, ...addresses, PATH: `${bin}:${own['PATH']}`, BACKGROUND_LOG: join(folder, 'background.log') };
    uninstallCommand = await installCommand(join(bin, 'temporal-airbyte'));
    // The commands run in this process, and what runs until it is stopped in one of its own.
    process.chdir(folder);
    const programs = {
      npx: `case "$2" in worker | codec-server) shift; exec '${process.execPath}' '${CLI_ENTRY}' "$@" ;; esac\nexec "$@"`,
      temporal: `exec '${await findExecutable('temporal')}' "$@"`,
    };
    for (const [name, command] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${command}\n`);
      await chmod(join(bin, name), 0o755);
    }
    await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
    await symlink(join('examples', 'nightly.yaml'), join(folder, 'nightly.yaml'));
    await writeFile(join(folder, 'pipeline.yaml'), pipelineDocument('guide', 'Guide'));
    await writeFile(join(folder, 'mine.yaml'), pipelineDocument('mine', 'My connection'));
    // What the reader of the guides has: a connection, and its id in $ID.
    expect((await runCommand(['apply', 'mine.yaml'], env)).exitCode).toBe(0);
    const { connections } = (await runCommand(['list', 'connections', '--json'], env)).document;
    const { connectionId } = connections.find(({ name }: { name: string }) => name === 'My connection');
    env['ID'] = connectionId;
  }, 180_000);

  afterAll(async () => {
    process.chdir(startedIn);
    for (const { pid } of shells) stopGroup(pid);
    await uninstallCommand?.();
    demo?.kill('SIGTERM');
    await demo?.exited;
    await rm(folder, { recursive: true });
  });

  /** Runs commands in a terminal of their own. What they leave in the background runs until the end of the test. */
  async function run(commands: readonly string[]): Promise<void> {
    const shell = spawn('bash', ['-euxo', 'pipefail', '-c', commands.map(asRun).join('\n')], {
      cwd: folder,
      env: { ...env, FREE_PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    shells.push(shell);
    const [[code], ...output] = await Promise.all([once(shell, 'exit'), text(shell.stdout), text(shell.stderr)]);
    const background = code === 0 ? '' : await readFile(join(folder, 'background.log'), 'utf8').catch(() => '');
    expect({ code, output: code === 0 ? '' : [...output, background].join('\n') }).toEqual({ code: 0, output: '' });
  }

  it.each(RUN_PAGES)(
    '$document',
    async ({ document, commands }) => {
      // The page names the task queue of a second Airbyte, which has a worker.
      const isOther = document === 'docs/call-from-a-workflow.md';
      const before = isOther ? ['export AIRBYTE_TASK_QUEUE=staging', 'npx temporal-airbyte worker'] : [];
      await run([...before, ...commands]);
    },
    120_000,
  );
});

/** Stops the processes that a shell has left. */
function stopGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
