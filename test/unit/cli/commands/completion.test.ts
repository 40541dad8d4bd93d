import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../../cli/program';
import { programOnPath } from '../../../../tools/program-on-path';
import { recordedTerminal } from '../recorded-terminal';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  await writeFile(join(folder, 'shop.yaml'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const terminal = recordedTerminal();
    expect(await runCli(['completion', shell], terminal)).toBe(0);
    await writeFile(join(folder, `script.${shell}`), terminal.stdout.text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** The words of a command line, the last of which is completed, and what must and must not be offered for it. */
const CASES = [
  { line: ['sch'], offered: ['schedule'] },
  { line: ['schedule', ''], offered: ['create', 'backfill', 'help'], not: ['sync'] },
  { line: ['schedule', 'create', '--over'], offered: ['--overlap'] },
  { line: ['schedule', 'create', 'orders', '--quiet', '--overlap', 'buffer'], offered: ['bufferOne', 'bufferAll'] },
  { line: ['list', 'source'], offered: ['sources', 'source-definitions'] },
  { line: ['run', 'sh'], offered: ['shop.yaml'] },
  { line: ['import', 'orders', '--output', 'sh'], offered: ['shop.yaml'] },
  { line: ['help', 'sy'], offered: ['sync'] },
  { line: ['sync', '--timeout', ''], offered: [], not: ['list', 'shop.yaml'] },
];

/** How a shell completes a line, in its own language: each completion is printed on a line. */
const SHELLS: Record<string, { args: string[]; setUp: string; complete: (words: string[]) => string }> = {
  bash: {
    args: ['--noprofile', '--norc', '-c'],
    setUp: 'source script.bash; complete -p temporal-airbyte >/dev/null || exit 1',
    complete: (words) =>
      `COMP_WORDS=(temporal-airbyte ${quoted(words)}); COMP_CWORD=${words.length}; COMPREPLY=(); _temporal_airbyte; printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  zsh: {
    args: ['-f', '-c'],
    // These functions of zsh's completion work only while a user types.
    setUp: [
      '_describe() { for item in ${(P)2}; do case $item in ${words[CURRENT]}*) print -r -- "${item%%:*}";; esac; done }',
      'compadd() { shift; for item in $@; do case $item in ${words[CURRENT]}*) print -r -- $item;; esac; done }',
      '_files() { print -rl -- ${words[CURRENT]}*(N) }; _message() { : }; compdef() { : }; source ./script.zsh',
    ].join('\n'),
    complete: (words) => `words=(temporal-airbyte ${quoted(words)}); CURRENT=${words.length + 1}; _temporal_airbyte`,
  },
  fish: {
    args: ['--no-config', '-c'],
    setUp: 'source script.fish',
    complete: (words) => `complete -C 'temporal-airbyte ${words.join(' ')}' | string replace -r '\\t.*' ''`,
  },
};

function quoted(words: string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

describe.each(Object.entries(SHELLS))('completion %s', (shell, { args, setUp, complete }) => {
  if (programOnPath(shell) === undefined) {
    it.skip(`NOT TESTED: there is no ${shell} (apt-get install ${shell})`, () => undefined);
    return;
  }

  it('completes commands, options, their values and files', () => {
    const lines = CASES.flatMap(({ line }) => ["echo '=='", complete(line)]);
    const { status, stdout, stderr } = spawnSync(shell, [...args, [setUp, ...lines, 'true'].join('\n')], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const completions = stdout
      .split('==\n')
      .slice(1)
      .map((text) => text.split('\n').filter(Boolean));
    expect(completions).toHaveLength(CASES.length);
    for (const [index, { line, offered, not = [] }] of CASES.entries()) {
      expect({ line, completions: completions[index] }).toEqual({ line, completions: expect.arrayContaining(offered) });
      expect(completions[index]?.filter((each) => not.includes(each))).toEqual([]);
    }
  });
});
