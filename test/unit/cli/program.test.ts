import { describe, expect, it } from '@jest/globals';
import { runCli } from '../../../src/cli/program';
import { recordedTerminal } from './recorded-terminal';

async function run(...args: string[]) {
  const terminal = recordedTerminal();
  const exitCode = await runCli(args, terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

describe('the command line', () => {
  it('says on the first line of its help what it is for', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^Runs Airbyte from Temporal/);
  });

  it('shows its help when nothing is asked of it, as bad usage', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('temporal-airbyte demo');
  });

  it.each([
    [['snyc'], /Did you mean sync\?/],
    [['sync'], /missing required argument 'connection'/],
    [['sync', 'c', '--timeot', '1h'], /Did you mean --timeout\?/],
    [['sync', 'c', '--on-running', 'explode'], /attach, queue, skip, fail/],
    [['sync', 'c', '--timeout', 'never'], /--timeout: expected a duration/],
    [['sync', 'c', '--maximum-attempts', 'many'], /--maximum-attempts: expected a whole number/],
    [['sync', 'c', '--maximum-attempts', '0'], /--maximum-attempts: expected at least 1/],
    [['list', 'everything'], /workspaces, source-definitions/],
    [['run', 'no-such-file.yaml'], /no-such-file\.yaml/],
    [['status'], /AIRBYTE_URL is not set/],
    [['plan'], /missing required argument 'files'/],
    [['apply', 'one.yaml', 'two.yaml'], /one\.yaml: there is no such file\n.*two\.yaml: there is no such file/],
    [['apply', 'any.yaml', '--prune'], /--prune deletes connections, and there is no terminal here to ask on/],
    [['apply', 'any.yaml', '--yes'], /--yes: it is for --prune only/],
    [['import', 'any'], /AIRBYTE_URL is not set/],
  ])('refuses %j with exit code 2 and says what to do', async (args, message) => {
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
