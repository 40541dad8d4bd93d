import type { FaultInput } from 'temporal-airbyte-sandbox';
import type { JobDurations } from '../sandbox-process';
import type { Stage, StartedSync } from './stage';

/** One way to torture syncs. */
export interface TortureCase {
  name: string;
  /** What is done to the syncs, in words. */
  does: string;
  /** How many connections are synced in a whole run. */
  syncs: number;
  workers: number;
  jobs: JobDurations;
  sandboxArguments?: string[];
  /** The workers reach Airbyte and Temporal through proxies. */
  throughProxies?: true;
  /** It runs on Temporal's production server, not on the dev server. */
  production?: true;
  /** Prepares what goes wrong. */
  prepare?(stage: Stage): Promise<void>;
  /** Starts the syncs. */
  start(stage: Stage, connectionIds: readonly string[]): Promise<StartedSync[]>;
  /** What goes wrong all the while, until the signal says so. */
  disturb?(stage: Stage, signal: AbortSignal): Promise<void>;
  /** How long after the last sync an effect may still come, in milliseconds. */
  settleMs?: number;
  /** How long after its job's end a wait whose worker died may end (p99), in milliseconds. */
  maximumTakeoverMs?: number;
}

const TRIGGER = 'connections/sync';

/** Starts syncs one after the other, some time apart. */
const oneByOne =
  (fromMs: number, toMs = fromMs): TortureCase['start'] =>
  async (stage, connectionIds) => {
    const started: StartedSync[] = [];
    for (const connectionId of connectionIds) {
      started.push(await stage.startSync(connectionId));
      await stage.pause(fromMs, toMs);
    }
    return started;
  };

/** Starts syncs in parallel, so many at a time, and does something right after each of these. */
async function inBursts(
  stage: Stage,
  connectionIds: readonly string[],
  size: number,
  after: () => Promise<void>,
): Promise<StartedSync[]> {
  const started: StartedSync[] = [];
  for (let from = 0; from < connectionIds.length; from += size) {
    const burst = connectionIds.slice(from, from + size);
    started.push(...(await Promise.all(burst.map((connectionId) => stage.startSync(connectionId)))));
    await after();
  }
  return started;
}

async function repeatedly(
  stage: Stage,
  signal: AbortSignal,
  [fromMs, toMs]: readonly [number, number],
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await stage.pause(fromMs, toMs, signal);
    if (signal.aborted) return;
    await work();
  }
}

/** Kills one worker every 15 s, or all of them, or Temporal too, in this order. */
const DEATHS_EVERY_MS = 15_000;
const DEATHS = ['one', 'one', 'temporal', 'one', 'all', 'one', 'one', 'one'] as const;

async function die(stage: Stage, signal: AbortSignal): Promise<void> {
  const { temporal } = stage.options;
  for (let deaths = 0; ; deaths++) {
    const next = performance.now() + DEATHS_EVERY_MS;
    const death = DEATHS[deaths % DEATHS.length];
    if (death === 'temporal') {
      await temporal.kill();
      await temporal.restart();
    }
    await (death === 'all' ? stage.workers.killAll() : stage.workers.killOne());
    await stage.pause(Math.max(0, next - performance.now()), undefined, signal);
    if (signal.aborted) return;
  }
}

/** The responses to triggers that leave their effect unknown. */
const LOST_RESPONSES: readonly ((stage: Stage) => FaultInput)[] = [
  (stage) => ({ drop: 'before', effectAfterMs: stage.between(20_000, 60_000) }),
  (stage) => ({ status: 502, effectAfterMs: stage.between(20_000, 60_000) }),
  (stage) => ({ repeatAfterMs: stage.between(0, 3_000) }),
  (stage) => ({ status: 503, effectAfterMs: stage.between(20_000, 60_000) }),
  (stage) => ({ status: 504, effectAfterMs: stage.between(20_000, 60_000) }),
  () => ({ drop: 'halfway' }),
  (stage) => ({ drop: 'before', effectAfterMs: stage.between(20_000, 60_000) }),
  () => ({ drop: 'after' }),
];

const SERVER_KILLS = 5;
const DATABASE_RESTARTS = 2;
const NETWORK_CUT_MS = 90_000;

/** Kills the server, restarts its database and cuts the workers off from it, in turn. */
async function disturbProduction(stage: Stage): Promise<void> {
  const { temporal } = stage.options;
  const [, toTemporal] = stage.proxies;
  if (toTemporal === undefined) throw new Error('There is no proxy between the workers and Temporal.');
  const kill = async () => {
    await temporal.kill();
    await stage.pause(1_000, 4_000);
    await temporal.restart();
  };
  for (let index = 0; index < SERVER_KILLS; index++) {
    await stage.pause(5_000, 12_000);
    await kill();
    if (index < DATABASE_RESTARTS) {
      await stage.pause(5_000, 12_000);
      await temporal.restartDatabase();
    } else if (index === DATABASE_RESTARTS) {
      await stage.pause(5_000, 12_000);
      await toTemporal.blackHole(NETWORK_CUT_MS, new AbortController().signal);
    }
  }
}

/** Responses that say nothing of Airbyte: each may come at any time, and is retryable. */
const ODD_RESPONSES: readonly ((token: string) => FaultInput)[] = [
  () => ({ status: 200, body: '<html><title>Sign in</title></html>' }),
  () => ({ status: 302, headers: { location: 'https://login.example.com/' } }),
  () => ({ status: 401, body: { message: 'Unauthorized' } }),
  () => ({ status: 403, body: { message: 'Forbidden' } }),
  () => ({ status: 404, body: '<html><title>404 Not Found</title></html>' }),
  () => ({ status: 413, body: '<html><title>413 Request Entity Too Large</title></html>' }),
  () => ({ status: 503, headers: { 'retry-after': '1' } }),
  (token) => ({ status: 500, body: { message: `Rejected: Authorization: Bearer ${token}` } }),
];

export const CASES: readonly TortureCase[] = [
  {
    name: 'frozen',
    does: 'one of three workers is frozen (SIGSTOP) for 25–40 s right after each burst of ten starts, and then goes on',
    ...{ syncs: 160, workers: 3, jobs: { from: 2_000, to: 6_000 } },
    start: (stage, connectionIds) => {
      const freezes: Promise<void>[] = [];
      const { signal } = new AbortController();
      const freeze = async () => {
        await stage.pause(0, 150);
        // One worker runs at any time, and a frozen one is not frozen again.
        if (freezes.length % 2 === 1) await freezes.at(-1);
        freezes.push(stage.workers.freezeOne(stage.between(25_000, 40_000), signal));
        await stage.pause(4_000, 8_000);
      };
      return inBursts(stage, connectionIds, 10, freeze).finally(() => Promise.all(freezes));
    },
    settleMs: 15_000,
  },
  {
    name: 'killed',
    does: 'one of two workers is killed (SIGKILL) within 400 ms of each burst of six starts, and another one takes its place',
    ...{ syncs: 90, workers: 2, jobs: { from: 2_000, to: 8_000 } },
    start: (stage, connectionIds) =>
      inBursts(stage, connectionIds, 6, async () => {
        await stage.pause(0, 400);
        await stage.workers.killOne();
      }),
  },
  {
    name: 'deaths',
    does: 'one of three workers is killed (SIGKILL) every 15 s, all of them in parallel every two minutes, Temporal too every two minutes; others take their place',
    ...{ syncs: 500, workers: 3, jobs: { from: 20_000, to: 60_000 } },
    start: oneByOne(750),
    disturb: die,
    maximumTakeoverMs: 30_000,
  },
  {
    name: 'drained',
    does: 'one of two workers is asked to end (SIGTERM) every 3–6 s, in the middle of triggers, and another one takes its place',
    ...{ syncs: 60, workers: 2, jobs: { from: 2_000, to: 10_000 } },
    prepare: (stage) => stage.sandbox.addFault({ call: TRIGGER, times: null, delayMs: 1_500 }),
    start: oneByOne(200, 600),
    disturb: (stage, signal) =>
      repeatedly(stage, signal, [3_000, 6_000], async () => {
        await stage.workers.drainOne();
      }),
  },
  {
    name: 'temporal',
    does: 'Temporal is killed every 8–15 s, and comes back with what it knew after 1–4 s',
    ...{ syncs: 60, workers: 2, jobs: { from: 2_000, to: 20_000 } },
    start: oneByOne(300, 700),
    disturb: (stage, signal) =>
      repeatedly(stage, signal, [8_000, 15_000], async () => {
        const { temporal } = stage.options;
        await temporal.kill();
        await stage.pause(1_000, 4_000);
        await temporal.restart();
      }),
  },
  {
    name: 'lost-responses',
    does: 'the response to each trigger is lost (reset, 502, 503, 504, cut off, repeated by a gateway), and the job starts up to 20–60 s later and takes 5–20 s',
    ...{ syncs: 40, workers: 2, jobs: { from: 5_000, to: 20_000 } },
    prepare: async (stage) => {
      for (let index = 0; index < stage.options.syncs; index++) {
        const fault = LOST_RESPONSES[index % LOST_RESPONSES.length];
        if (fault) await stage.sandbox.addFault({ call: TRIGGER, ...fault(stage) });
      }
    },
    start: oneByOne(500, 1_500),
    settleMs: 65_000,
  },
  {
    name: 'callers',
    does: 'five callers ask for each sync within a second, under its own workflow id and under others',
    ...{ syncs: 40, workers: 2, jobs: { from: 15_000, to: 20_000 } },
    start: async (stage, connectionIds) => {
      const callers = connectionIds.flatMap((connectionId) =>
        [0, 1, 2, 3, 4].map(async (caller) => {
          await stage.pause(0, 1_000);
          return stage.startSync(connectionId, caller < 3 ? {} : { workflowId: `caller-${caller}-of-${connectionId}` });
        }),
      );
      const started = await Promise.all(callers);
      return [...new Map(started.map((sync) => [sync.workflowId, sync])).values()];
    },
  },
  {
    name: 'cancelled',
    does: 'each sync is cancelled at a random moment of its first 8 s, while triggers take up to 3 s',
    ...{ syncs: 60, workers: 2, jobs: { from: 4_000, to: 10_000 } },
    prepare: async (stage) => {
      await stage.sandbox.addFault({ call: TRIGGER, times: 30, delayMs: 3_000, effect: true });
      await stage.sandbox.addFault({ call: TRIGGER, times: null, delayMs: 1_500 });
    },
    start: async (stage, connectionIds) => {
      const cancelled = connectionIds.map(async (connectionId) => {
        await stage.pause(0, 15_000);
        const sync = await stage.startSync(connectionId);
        await stage.pause(0, 8_000);
        await stage.client.workflow.getHandle(sync.workflowId).cancel();
        return { ...sync, cancelled: true };
      });
      return Promise.all(cancelled);
    },
    settleMs: 5_000,
  },
  {
    name: 'network',
    does: 'connections to Airbyte and to Temporal are held up for 5–15 s, pass drop by drop, or are reset',
    ...{ syncs: 60, workers: 2, jobs: { from: 2_000, to: 15_000 }, throughProxies: true },
    start: oneByOne(400, 1_000),
    disturb: (stage, signal) =>
      repeatedly(stage, signal, [1_000, 4_000], async () => {
        const proxy = stage.proxies[Math.floor(stage.between(0, stage.proxies.length))];
        const kind = stage.between(0, 3);
        if (kind < 1) await proxy?.blackHole(stage.between(5_000, 15_000), signal);
        else if (kind < 2) await proxy?.drip(stage.between(3_000, 8_000), signal);
        else proxy?.reset();
      }),
    settleMs: 15_000,
  },
  {
    name: 'pages',
    does: "odd responses come to triggers and to lists of jobs (web pages, a login's redirect, 401, 403, 404, 413, 503, a 500 that quotes the token), pages have ten rows, and the clocks of Airbyte's pods disagree by 2 s",
    ...{ syncs: 60, workers: 2, jobs: { from: 2_000, to: 15_000 } },
    sandboxArguments: ['--page-limit', '10', '--pod-clocks', '2000', '-2000', '0'],
    prepare: async (stage) => {
      for (let index = 0; index < stage.options.syncs / 2; index++) {
        const odd = ODD_RESPONSES[index % ODD_RESPONSES.length];
        if (odd === undefined) continue;
        const skip = Math.floor(stage.between(0, 4));
        await stage.sandbox.addFault({ call: TRIGGER, skip: skip % 2, ...odd(stage.token) });
        await stage.sandbox.addFault({ call: 'jobs/list', skip, ...odd(stage.token) });
      }
    },
    start: oneByOne(200, 600),
  },
  {
    name: 'production',
    does: "Temporal's production server is killed five times and comes back after 1–4 s, its PostgreSQL is restarted twice, and the network between the workers and Temporal is cut for 90 s",
    ...{ syncs: 80, workers: 2, jobs: { from: 2_000, to: 20_000 }, throughProxies: true, production: true },
    start: async (stage, connectionIds) => {
      const [started] = await Promise.all([oneByOne(2_000, 3_500)(stage, connectionIds), disturbProduction(stage)]);
      return started;
    },
    settleMs: 15_000,
  },
];
