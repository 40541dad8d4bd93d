import { describe, expect, it } from '@jest/globals';
import { runCli } from '../../../cli/program';
import { recordedTerminal } from './recorded-terminal';

function run(...args: string[]) {
  return runWith({}, ...args);
}

async function runWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  const terminal = recordedTerminal({ env });
  const exitCode = await runCli(args, terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

describe('the command line', () => {
  it('says on the first line of its help what it is for', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^Runs Airbyte from Temporal/);
  });

  it.each([
    [
      ['help', 'sync'],
      ['sync', '--help'],
    ],
    [
      ['schedule', 'help', 'create'],
      ['schedule', 'create', '-h'],
    ],
    [['help'], ['--help']],
    [['-v'], ['sync', '--version']],
  ])('shows by %j the same as by %j', async (args, others) => {
    const shown = await run(...args);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/./) });
    expect(await run(...others)).toEqual(shown);
  });

  it.each([
    ['LOG_FORMAT', 'xml', "'xml' is neither 'text' nor 'json'"],
    ['LOG_LEVEL', 'loud', "'loud' is none of error, warn, info, debug"],
  ])('rejects the %s %s in every command', async (name, value, message) => {
    const { exitCode, stderr } = await runWith({ [name]: value }, 'status');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: `Error: ${name} cannot be used: ${message}.\n` });
  });

  it('writes its errors as lines of a log with LOG_FORMAT=json', async () => {
    const { stderr } = await runWith({ LOG_FORMAT: 'json' }, 'status');
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', message: expect.stringContaining('AIRBYTE_URL') });
  });

  it('shows its help when nothing is asked of it, as bad usage', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('temporal-airbyte demo');
  });

  it.each([
    [['snyc'], /Did you mean sync\?/],
    [['status', '--quiet', '--verbose'], /'--quiet' cannot be used with option '--verbose'/],
    [['codec-server', '--port', '65536'], /--port: '65536' is no port between 0 and 65535/],
    [['sync'], /missing required argument 'connection'/],
    [['sync', 'c', '--timeot', '1h'], /Did you mean --timeout\?/],
    [['sync', 'c', '--on-running', 'explode'], /attach, queue, skip, fail/],
    [['sync', 'c', '--timeout', 'never'], /--timeout: expected a duration/],
    [['sync', 'c', '--maximum-attempts', 'many'], /--maximum-attempts: expected a whole number/],
    [['sync', 'c', '--maximum-attempts', '0'], /--maximum-attempts: expected at least 1/],
    [['list', 'everything'], /workspaces, source-definitions/],
    [['run', 'no-such-file.yaml'], /no-such-file\.yaml/],
    [['status'], /AIRBYTE_URL is not set/],
    [['schedule', 'crate'], /Did you mean create\?.*`temporal-airbyte schedule --help`/],
    [['schedule', 'create', 'c'], /--every or --cron: give one of them/],
    [['schedule', 'create', 'c', '--every', '6h', '--cron', '0 3 * * *'], /--every or --cron: give one of them/],
    [['schedule', 'create', 'c', '--every', 'often'], /--every: expected a duration/],
    [['schedule', 'create', 'c', '--every', '6h', '--time-zone', 'UTC'], /--time-zone: has no effect on --every/],
    [['schedule', 'create', 'c', '--cron', '0 0 */6 * * ?'], /--cron: .*not Quartz's/],
    [
      ['schedule', 'create', 'c', '--cron', '0 3 * * *', '--time-zone', 'Paris'],
      /--time-zone: .*not a known time zone/,
    ],
    [['schedule', 'create', 'c', '--every', '6h', '--jitter', '1.5s'], /--jitter: expected whole seconds/],
    [['schedule', 'create', 'c', '--every', '6h', '--catch-up-window', '1s'], /--catch-up-window: .*10 seconds/],
    [['schedule', 'create', 'c', '--every', '6h', '--overlap', 'wait'], /--overlap.*skip, bufferOne, bufferAll/],
    [
      ['schedule', 'create', 'c', '--every', '6h', '--overlap', 'allowAll', '--pause-on-failure'],
      /--pause-on-failure: has no effect/,
    ],
    [['schedule', 'create', 'c', '--every', '6h', '--timeout', 'never'], /--timeout: expected a duration/],
    [['schedule', 'create', 'c', '--every', '6h'], /AIRBYTE_URL is not set/],
    [['schedule', 'backfill', 'c', '--from', '2026-03-01'], /required option '--to <time>'/],
    [['schedule', 'backfill', 'c', '--from', 'monday', '--to', '2026-03-01'], /--from: expected a time such as/],
    [['schedule', 'backfill', 'c', '--from', '2026-03-02', '--to', '2026-03-01'], /--to: expected a time after/],
    [['schedule', 'pause'], /Give a connection, or a fleet with --fleet/],
    [['schedule', 'delete', 'c', '--fleet', 'f'], /Give a connection or --fleet, not both/],
    [['schedule', 'create', '--every', '6h'], /Give a connection, or a fleet with --fleet/],
    [['schedule', 'create', '--fleet', 'no.yaml', '--every', '6h'], /no\.yaml: the file does not exist/],
    [['open', '--run'], /--run: needs a connection/],
    [['cancel'], /Give a connection, or a fleet with --fleet/],
    [['cancel', 'c', '--fleet', 'f'], /Give a connection or --fleet, not both/],
    [['plan'], /missing required argument 'files'/],
    [['apply', 'one.yaml', 'two.yaml'], /one\.yaml: the file does not exist\n.*two\.yaml: the file does not exist/],
    [['apply', 'any.yaml', '--prune'], /--prune deletes connections, and there is no terminal here to ask on/],
    [['import', 'any'], /AIRBYTE_URL is not set/],
  ])('rejects %j with exit code 2 and says what to do', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([[['plan', '--detailed-exitcode']], [['plan', 'no-such-file.yaml', '--detailed-exitcode', '--json']]])(
    'ends %j with exit code 1, since 2 would mean changes',
    async (args) => {
      expect(await run(...args)).toMatchObject({ exitCode: 1 });
    },
  );

  it.each([[['status', '--json']], [['sync', '--json']], [['run', 'no-such-file.yaml', '--json']]])(
    'prints the failure of %j as one JSON document',
    async (args) => {
      const { exitCode, stdout, stderr } = await run(...args);
      const { error } = JSON.parse(stdout);
      expect(error).toEqual({ type: expect.any(String), message: expect.any(String), exitCode });
      expect(stderr).toContain(error.message);
    },
  );
});
