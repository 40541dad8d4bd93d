/**
 * `npm run torture`: puts real processes through what may befall them, and counts what came of it. A whole run is written to
 * `bench/torture.md`; a part of it is only printed. The exit code is 1 when a job was doubled, lost or left running, or a
 * secret has leaked.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { PACKAGE_ROOT } from '../../src/text/package';
import { toCount } from '../count-option';
import { describeMachine } from '../machine';
import { CASES } from './cases';
import { hasHeld } from './judge';
import { describeTorture, tortureTable } from './report';
import { torture } from './torture';

const RESULTS_FILE = join(PACKAGE_ROOT, 'bench', 'torture.md');
const INTRODUCTION = 'Written by `npm run torture`. Jobs are simulated: they take their time and move nothing.';
const GREATEST_SEED = 2 ** 31;

interface Options {
  n?: number;
  only?: string[];
  seed: number;
  write?: true;
}

const command = new Command('torture')
  .description(
    'Puts syncs through what may befall them. Without options: all of it, which takes about half an hour on an idle machine.',
  )
  .option('--n <syncs>', 'so many syncs in each case', toCount)
  .addOption(new Option('--only <case...>', 'only these cases').choices(CASES.map(({ name }) => name)))
  .option('--seed <number>', 'which moments are drawn; left out: another one each time', toCount, newSeed())
  .option('--write', 'write the results also of a part, which says that it is one');

async function main(): Promise<void> {
  const { n, only, seed, write } = command.parse().opts<Options>();
  const isWhole = n === undefined && only === undefined;
  const folder = await mkdtemp(join(tmpdir(), 'temporal-airbyte-torture-'));
  tell(`The seed is ${seed}. Logs are in ${folder}, and stay there unless all holds.`);
  const machine = await describeMachine();
  const cases = CASES.filter(({ name }) => only?.includes(name) ?? true);
  const results = await torture({ cases, syncs: n, seed }, folder, tell);
  process.stdout.write(`${tortureTable(results)}\n`);
  if (isWhole || write) {
    const part = isWhole ? '' : ` A part of the whole: \`npm run torture -- ${process.argv.slice(2).join(' ')}\`.`;
    await writeFile(RESULTS_FILE, `# Torture\n\n${INTRODUCTION}${part}\n\n${describeTorture(machine, results)}\n`);
  } else {
    tell(`Only a part was run: ${RESULTS_FILE} stays as it is.`);
  }
  if (results.every(hasHeld)) await rm(folder, { recursive: true });
  else process.exitCode = 1;
}

function newSeed(): number {
  return 1 + Math.floor(Math.random() * GREATEST_SEED);
}

function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  // Work may still be under way; the processes that do it end with this one.
  process.exit(1);
});
