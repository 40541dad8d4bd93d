import { findTemporalPrograms } from '../production/temporal-programs';
import { seededRandom } from '../statistics';
import type { TortureCase } from './cases';
import { endsOf, historiesOf } from './ends';
import { judge, takeoverSeconds, type Verdict } from './judge';
import { findLeaks } from './leaks';
import { Stage } from './stage';
import { takeoverDelays } from './takeovers';
import { TemporalProcess } from './temporal-process';

export interface TorturePlan {
  cases: readonly TortureCase[];
  /** How many connections each case syncs; left out: as many as it says. */
  syncs?: number | undefined;
  /** Of the random numbers that moments and times are drawn with. */
  seed: number;
}

/** What came of a case. */
export interface TortureResult extends Verdict {
  name: string;
  does: string;
  seed: number;
  wallSeconds: number;
}

/**
 * Plays one case after the other.
 *
 * @param folder for the processes' logs and Temporal's state
 * @param tell is told how it goes
 */
export async function torture(
  { cases, syncs, seed }: TorturePlan,
  folder: string,
  tell: (message: string) => void,
): Promise<TortureResult[]> {
  const servers = new TemporalServers(folder, tell);
  try {
    const results: TortureResult[] = [];
    for (const each of cases) {
      const temporal = await servers.serverOf(each);
      if (typeof temporal === 'string') {
        tell(`${each.name}: NOT TESTED: ${temporal}`);
        continue;
      }
      const count = syncs ?? each.syncs;
      tell(`${each.name}: ${count} syncs, ${each.does} …`);
      const result = await play(each, { temporal, folder, syncs: count, seed });
      for (const finding of result.findings) tell(`  ${finding}`);
      const { jobs, doubled, lost, leftRunning, leaked, takenOver, wallSeconds } = result;
      tell(
        `  ${result.syncs} syncs, ${jobs} jobs: ${doubled} doubled, ${lost} lost, ${leftRunning} left running, ${leaked} leaked; ${takenOver} waits taken over, p99 ${takeoverSeconds(result)} s; ${wallSeconds.toFixed(0)} s`,
      );
      results.push(result);
    }
    return results;
  } finally {
    await servers.stop();
  }
}

/** The servers that the cases need, each started when a case first does. */
class TemporalServers {
  #dev: TemporalProcess | undefined;
  #production: TemporalProcess | undefined;

  constructor(
    private readonly folder: string,
    private readonly tell: (message: string) => void,
  ) {}

  /** @returns the server of a case, or why there is none */
  async serverOf({ production }: TortureCase): Promise<TemporalProcess | string> {
    if (!production) {
      this.#dev ??= await TemporalProcess.startDev(this.folder, this.tell);
      return this.#dev;
    }
    const programs = findTemporalPrograms();
    if (typeof programs === 'string') return programs;
    this.#production ??= await TemporalProcess.startProduction(programs, this.folder);
    return this.#production;
  }

  async stop(): Promise<void> {
    for (const server of [this.#dev, this.#production]) await server?.stop();
  }
}

interface Play {
  temporal: TemporalProcess;
  folder: string;
  syncs: number;
  seed: number;
}

async function play(each: TortureCase, { temporal, folder, syncs, seed }: Play): Promise<TortureResult> {
  const { name, does, sandboxArguments, throughProxies } = each;
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const stage = await Stage.open({ ...{ name, temporal, folder, random, syncs, sandboxArguments, throughProxies } });
  const ended = new AbortController();
  try {
    const connectionIds = await stage.sandbox.createConnections(syncs, each.jobs);
    await each.prepare?.(stage);
    await stage.workers.start(each.workers);
    const disturbing = each.disturb?.(stage, ended.signal) ?? Promise.resolve();
    const syncing = each.start(stage, connectionIds).then((started) => endsOf(stage.client, started));
    // The faults continue until the signal aborts: before that, they can only end with an error.
    const ends = await Promise.race([syncing, disturbing.then(() => syncing)]);
    ended.abort();
    await disturbing;
    await stage.pause(each.settleMs ?? 2_000);
    const jobs = await stage.sandbox.jobs();
    const histories = await historiesOf(stage.client, ends);
    const leaks = await findLeaks(histories, stage.folder, stage.token);
    const takeoverDelaysMs = takeoverDelays(ends, histories, jobs);
    const wallSeconds = (performance.now() - startedAt) / 1_000;
    return {
      ...judge({ ends, jobs, leaks, takeoverDelaysMs, maximumTakeoverMs: each.maximumTakeoverMs }),
      name,
      does,
      seed,
      wallSeconds,
    };
  } finally {
    ended.abort();
    await stage.close();
  }
}
