/**
 * `npm run bench`: measures this project against the ways in which syncs are usually run, and soaks it with faults. A
 * whole run is written to `bench/results.md`; a part of it is only printed. The exit code is 1 when something that must
 * hold did not.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { DEFAULT_TASK_QUEUE } from '../src/contract/workflow-ids';
import { PACKAGE_ROOT } from '../src/text/package';
import { startDevServer } from '../tools/dev-server';
import { CONTENDERS, type ContenderName } from './contenders/contender';
import { toCount } from './count-option';
import { type FaultSoak, type FaultSoakPlan, soakWithFaults } from './faults/fault-soak';
import { describeMachine } from './machine';
import { type Measurement, type MeasurementPlan, measure } from './measure';
import { describeRun, measurementTable } from './report';
import { COMPARED_AT, judge, POLL_INTERVAL_MS, PUSHED_AT, SCRAPED_AT, WAITING } from './requirements';

const RESULTS_FILE = join(PACKAGE_ROOT, 'bench', 'results.md');
const PROFILE_FILE = join(PACKAGE_ROOT, 'bench', 'profile.md');

const JOBS = { jobs: { from: 20_000, to: 40_000 }, pollIntervalMs: POLL_INTERVAL_MS };

const COMPARED: readonly ContenderName[] = ['ours', 'plain', 'loops'];

const MEASUREMENTS: readonly MeasurementPlan[] = [
  ...WAITING.map(({ syncs }) => ({
    contender: 'ours' as const,
    syncs,
    jobs: 'held' as const,
    pollIntervalMs: POLL_INTERVAL_MS,
  })),
  // Five times where processor time is compared: it differs by a tenth from one run to the next.
  ...[100, 100, 100, 100, 100, 1_000].flatMap((syncs) => COMPARED.map((contender) => ({ contender, syncs, ...JOBS }))),
  // One after the other in turn, so that what else the machine does concerns both.
  ...(['telemetry', 'ours', 'telemetry', 'ours', 'telemetry'] as const).map((contender) => ({
    contender,
    ...{ syncs: COMPARED_AT, ...JOBS },
  })),
  { contender: 'telemetry', syncs: SCRAPED_AT, jobs: 'held', pollIntervalMs: POLL_INTERVAL_MS },
  { contender: 'push', syncs: PUSHED_AT, ...JOBS },
];

const SOAK: FaultSoakPlan = {
  syncs: 200,
  durationsMs: { from: 10_000, to: 30_000 },
  startEveryMs: 400,
  workers: 2,
  killEveryMs: 20_000,
  maximumKills: Number.POSITIVE_INFINITY,
  pollIntervalMs: POLL_INTERVAL_MS,
  gatewayTimeoutMs: 60_000,
  seed: 1,
};

interface Options {
  n?: number[];
  contender?: ContenderName[];
  faults?: true;
  held?: true | number[];
  write?: true;
  seed: number;
}

const command = new Command('bench')
  .description('Measures syncs against the sandbox, and runs syncs while things go wrong. Without options: all of it.')
  .option(
    '--n <syncs...>',
    'only the measurements with so many syncs, or with a number that the whole has not',
    appendCount,
  )
  .addOption(new Option('--contender <name...>', 'only the measurements of these').choices(CONTENDERS))
  .option(
    '--held [syncs...]',
    'the syncs whose jobs are held until all of them wait, or so many; alone, unless --n or --faults ask for more',
    appendCount,
  )
  .option('--write', 'write the results also of a part, which says that it is one')
  .option('--faults', 'the syncs with faults; alone, if nothing else is asked for')
  .option('--seed <number>', 'which faults are drawn', toCount, SOAK.seed);

async function main(): Promise<void> {
  const options = command.parse().opts<Options>();
  const { n, contender, faults, held, write, seed } = options;
  const isWhole = [n, contender, faults, held].every((choice) => choice === undefined);
  const isTimed = n !== undefined || contender !== undefined;
  const planned = MEASUREMENTS.filter(({ jobs, syncs, contender: name }) => {
    if (isWhole) return true;
    if (!(contender?.includes(name) ?? true)) return false;
    if (jobs === 'held') return held === true || (held?.includes(syncs) ?? false);
    return isTimed && (n?.includes(syncs) ?? !held);
  });
  const desired = [...planned, ...measurementsOfOtherNumbers(options)];
  const folder = await mkdtemp(join(tmpdir(), 'temporal-airbyte-bench-'));
  tell(`Logs are in ${folder}, and stay there unless all holds.`);
  const machine = await describeMachine();
  const measurements: Measurement[] = [];
  for (const plan of desired) {
    tell(`${plan.contender}: ${plan.syncs} syncs …`);
    const measurement = await measure(plan, folder);
    tell(measurementTable([measurement]));
    measurements.push(measurement);
  }
  const soak = isWhole || faults ? await runSoak(seed, folder) : undefined;
  const run = { machine, measurements, ...(soak !== undefined && { soak }) };
  process.stdout.write(`${describeRun(run)}\n`);
  if (isWhole || write) {
    const profile = await readFile(PROFILE_FILE, 'utf8');
    const part = isWhole ? '' : ` A part of the whole: \`npm run bench -- ${process.argv.slice(2).join(' ')}\`.`;
    await writeFile(RESULTS_FILE, `# Benchmark\n\n${INTRODUCTION}${part}\n\n${describeRun(run)}\n\n${profile}`);
  } else {
    tell(`Only a part was run: ${RESULTS_FILE} stays as it is.`);
  }
  if (judge(measurements, soak).every(({ held }) => held)) {
    await rm(folder, { recursive: true });
  } else {
    process.exitCode = 1;
  }
}

/** The measurements with numbers of syncs that the whole has not, or not of the chosen contenders. */
function measurementsOfOtherNumbers({ n = [], held, contender: chosen }: Options): MeasurementPlan[] {
  const plans = (counts: readonly number[], contenders: readonly ContenderName[], jobs: MeasurementPlan['jobs']) =>
    counts.flatMap((syncs) => contenders.map((contender) => ({ ...JOBS, contender, syncs, jobs })));
  const isPlanned = ({ contender, syncs, jobs }: MeasurementPlan) =>
    MEASUREMENTS.some(
      (planned) =>
        planned.syncs === syncs &&
        (planned.jobs === 'held') === (jobs === 'held') &&
        (chosen === undefined || planned.contender === contender),
    );
  return [
    ...plans(Array.isArray(held) ? held : [], chosen ?? ['ours'], 'held'),
    ...plans(n, chosen ?? COMPARED, JOBS.jobs),
  ].filter((plan) => !isPlanned(plan));
}

const INTRODUCTION = 'Written by `npm run bench`. Jobs are simulated: they take their time and move nothing.';

async function runSoak(seed: number, folder: string): Promise<FaultSoak> {
  tell(`${SOAK.syncs} syncs with faults …`);
  const server = await startDevServer({ onProgress: tell });
  try {
    const { environment } = server;
    return await soakWithFaults({ ...SOAK, seed }, { taskQueue: DEFAULT_TASK_QUEUE, environment }, folder);
  } finally {
    await server.stop();
  }
}

function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

function appendCount(text: string, before: number[] = []): number[] {
  return [...before, toCount(text)];
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  // Work may still be under way; the processes that do it end with this one.
  process.exit(1);
});
