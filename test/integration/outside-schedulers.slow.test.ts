import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { EXIT } from '../../cli/exit-codes';
import { temporalCronProblem } from '../../src/text/cron';
import { uniqueName } from '../support/temporal';
import { runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';
import { installCommand } from './command-on-path';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
/** The connection that all examples sync. */
const CONNECTION = 'PostgreSQL → MinIO';

let stack: CliStack;
let folder: string;
/** The environment of a scheduler on whose PATH a `temporal-airbyte` is whose commands run in this process. */
let env: NodeJS.ProcessEnv;
let uninstallCommand: () => Promise<void>;

beforeAll(async () => {
  [stack, folder] = await Promise.all([startCliStack(), mkdtemp(join(tmpdir(), 'outside-schedulers-'))]);
  await mkdir(join(folder, 'bin'));
  uninstallCommand = await installCommand(join(folder, 'bin/temporal-airbyte'));
  env = { ...stack.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, TMPDIR: folder };
  await stack.caller.simulatedConnection({ records: 9 }, { name: CONNECTION });
});

afterAll(async () => {
  await uninstallCommand?.();
  await stack?.stop();
  if (folder) await rm(folder, { recursive: true });
});

/** A connection whose syncs fail. */
async function failing(): Promise<string> {
  const name = uniqueName('failing');
  await stack.caller.simulatedConnection({ outcome: 'failed', failure_message: 'disk full at row 7' }, { name });
  return name;
}

/** Starts a program as a scheduler does. */
function startProgram(file: string, args: string[], changes: NodeJS.ProcessEnv = {}) {
  const child = spawn(file, args, { env: { ...env, ...changes }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs a program to its end. */
const runProgram = (...args: Parameters<typeof startProgram>) => startProgram(...args).ended;

describe('cron', () => {
  const script = (...args: string[]) => runProgram(join(EXAMPLES, 'cron/airbyte-sync.sh'), args);

  it('runs the line of the crontab, and has nothing to mail when all is well', async () => {
    const crontab = await readFile(join(EXAMPLES, 'cron/temporal-airbyte'), 'utf8');
    const [, times = '', command = ''] = /^((?:[\d*/,-]+ ){5})airbyte (.*)$/m.exec(crontab) ?? [];
    expect(temporalCronProblem(times)).toBeUndefined();
    expect(command).toContain(CONNECTION);
    const here = command.replace('/opt/temporal-airbyte', ROOT);
    expect(await runProgram('/bin/sh', ['-c', here])).toEqual({ exitCode: EXIT.done, stdout: '', stderr: '' });
  });

  it('mails the reason of a sync that failed', async () => {
    const name = await failing();
    const { exitCode, stdout } = await script(name);
    expect(exitCode).toBe(EXIT.failed);
    expect(stdout).toContain(`The sync of '${name}' failed.`);
    expect(stdout).toContain('disk full at row 7');
  });

  it('mails that a command is wrong, and does not try it again', async () => {
    const { exitCode, stdout } = await script('no such connection');
    expect(exitCode).toBe(EXIT.badInput);
    expect(stdout).toContain('cannot be started like this');
    expect(stdout).toContain("no connection with the id or name 'no such connection'");
  });

  it('tries again while Airbyte is out of reach', async () => {
    const nowhere = { AIRBYTE_URL: 'http://127.0.0.1:1/api/v1', ATTEMPTS: '2', SECONDS_BETWEEN: '0' };
    const { exitCode, stdout } = await runProgram(join(EXAMPLES, 'cron/airbyte-sync.sh'), [CONNECTION], nowhere);
    expect(exitCode).toBe(EXIT.outOfReach);
    expect(stdout).toContain('2 times');
  });
});

describe('a Kubernetes CronJob', () => {
  const exitCodeRule = z.strictObject({
    action: z.string(),
    onExitCodes: z.strictObject({ containerName: z.string(), operator: z.literal('In'), values: z.array(z.number()) }),
  });
  const podRule = z.strictObject({
    action: z.string(),
    onPodConditions: z.tuple([z.strictObject({ type: z.string(), status: z.literal('True') })]),
  });
  const container = z.looseObject({
    args: z.array(z.string()),
    env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  });
  const cronJob = z.looseObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('CronJob'),
    spec: z.looseObject({
      schedule: z.string(),
      timeZone: z.string(),
      jobTemplate: z.object({
        spec: z.object({
          podFailurePolicy: z.object({ rules: z.array(z.union([exitCodeRule, podRule])) }),
          template: z.object({
            // What a pod failure policy needs.
            spec: z.looseObject({ restartPolicy: z.literal('Never'), containers: z.tuple([container]) }),
          }),
        }),
      }),
    }),
  });
  let spec: z.output<typeof cronJob>['spec'];

  beforeAll(async () => {
    spec = cronJob.parse(parse(await readFile(join(EXAMPLES, 'kubernetes/cronjob.yaml'), 'utf8'))).spec;
  });

  it('runs a command that the image has, with variables that it reads', async () => {
    const { args, env: variables } = spec.jobTemplate.spec.template.spec.containers[0];
    expect(await readFile(join(ROOT, 'Dockerfile'), 'utf8')).toContain('ENTRYPOINT ["temporal-airbyte"]');
    expect(variables.map(({ name }) => name)).toEqual(['AIRBYTE_URL', 'TEMPORAL_ADDRESS']);
    const { exitCode, document } = await runCommand(args, stack.env);
    expect(exitCode).toBe(EXIT.done);
    expect(document).toMatchObject({ status: 'succeeded', recordsSynced: 9 });
  });

  it('is not retried where the exit code means that it would fail again, and is retried when a server is out of reach', () => {
    const rules = spec.jobTemplate.spec.podFailurePolicy.rules.flatMap((rule) =>
      'onExitCodes' in rule ? rule.onExitCodes.values.map((value) => [value, rule.action] as const) : [],
    );
    expect(Object.fromEntries(rules)).toEqual({ [EXIT.badInput]: 'FailJob', [EXIT.failed]: 'FailJob' });
  });

  it('runs at times that cron knows', () => {
    expect(temporalCronProblem(spec.schedule)).toBeUndefined();
  });
});

/** Airflow's own part of the example: what the file imports, as far as it uses it. */
const AIRFLOW = {
  'airflow/__init__.py': '',
  'airflow/exceptions.py': [
    'class AirflowException(Exception): pass',
    'class AirflowFailException(AirflowException): pass',
  ],
  'airflow/decorators.py': [
    'dags = []',
    'def dag(**options):',
    '    return lambda function: lambda: (dags.append((function.__name__, options)), function())',
    'def task(**options):',
    '    def decorate(function):',
    '        planned = lambda *args: planned.calls.append(args)',
    '        planned.function, planned.calls, planned.options = function, [], options',
    '        return planned',
    '    return decorate',
  ],
  // Runs a task as Airflow does, and tells how it ended.
  'run_task.py': [
    'import json, signal, sys',
    'import airbyte_sync',
    'from airflow.decorators import dags',
    'def killed(*_): raise SystemExit("killed")',
    'signal.signal(signal.SIGTERM, killed)',
    'connection = sys.argv[1] if len(sys.argv) > 1 else airbyte_sync.sync.calls[0][0]',
    'try:',
    '    end = {"result": airbyte_sync.sync.function(connection)}',
    'except BaseException as error:',
    '    end = {"raised": type(error).__name__, "message": str(error)}',
    '[(name, options)] = dags',
    'print(json.dumps({**end, "dag": name, "schedule": options["schedule"], "catchup": options["catchup"]}))',
  ],
};

const python = spawnSync('python3', ['--version']).status === 0 ? 'python3' : undefined;

(python === undefined ? describe.skip : describe)('an Airflow DAG', () => {
  beforeAll(async () => {
    await mkdir(join(folder, 'airflow'));
    for (const [file, lines] of Object.entries(AIRFLOW)) {
      await writeFile(join(folder, file), [lines].flat().join('\n'));
    }
  });

  const startTask = (args: string[], changes: NodeJS.ProcessEnv = {}) =>
    startProgram('python3', [join(folder, 'run_task.py'), ...args], {
      PYTHONPATH: `${join(EXAMPLES, 'airflow')}:${folder}`,
      PYTHONDONTWRITEBYTECODE: '1',
      ...changes,
    });
  const runTask = async (...args: string[]) => JSON.parse((await startTask(args).ended).stdout);

  it('is Python', () => {
    const compiled = join(folder, 'airbyte_sync.pyc');
    const compile = `import py_compile; py_compile.compile('${join(EXAMPLES, 'airflow/airbyte_sync.py')}', '${compiled}', doraise=True)`;
    expect(() => execFileSync('python3', ['-c', compile], { stdio: 'pipe' })).not.toThrow();
  });

  it('syncs its connection, and gives other tasks the result', async () => {
    const end = await runTask();
    expect(end).toMatchObject({
      dag: 'airbyte_sync',
      catchup: false,
      result: { status: 'succeeded', recordsSynced: 9 },
    });
    expect(temporalCronProblem(end.schedule)).toBeUndefined();
  });

  it('fails in a way that Airflow tries again when the sync has failed', async () => {
    const end = await runTask(await failing());
    expect(end.raised).toBe('AirflowException');
    expect(end.message).toMatch(/AirbyteSyncFailed: .*disk full at row 7/s);
  });

  it('fails in a way that Airflow does not try again when the connection does not exist', async () => {
    const end = await runTask('no such connection');
    expect(end).toMatchObject({ raised: 'AirflowFailException', message: expect.stringContaining('AirbyteNotFound') });
  });

  it('cancels its job in Airbyte when it is killed', async () => {
    const name = uniqueName('held');
    const connectionId = await stack.caller.simulatedConnection({ hold: true }, { name });
    const processes = join(folder, 'processes');
    await mkdir(processes);
    await symlink(join(ROOT, 'bin/temporal-airbyte.js'), join(processes, 'temporal-airbyte'));
    const { child, ended } = startTask([name], { PATH: `${processes}:${process.env['PATH']}` });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    child.kill('SIGTERM');
    expect(JSON.parse((await ended).stdout)).toMatchObject({ raised: 'SystemExit' });
    expect(stack.sandbox.store.job(id).status).toBe('cancelled');
  });
});
