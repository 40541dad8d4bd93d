import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Simulation, simulationOf } from '../connectors/simulated';
import { type AttemptCounts, UNMEASURED } from '../state/job';
import { nameOf } from '../state/stream-name';
import type { AttemptOutcome, AttemptRun, JobWork } from './job-runner';

/** The work of a simulated job. `nth` is the job's place among those of its connection, from 0. */
export function simulatedWork(configuration: Record<string, unknown>, nth: number): JobWork {
  const simulation = withDuration(simulationOf(configuration, nth));
  let end: ((ending: Ending) => void) | undefined;
  const told = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  return {
    attempt: (run) => simulate(simulation, run, told),
    finish: (ending) => end?.(ending),
    ...(simulation.queued_ms === undefined ? {} : { queuedMs: simulation.queued_ms }),
    ...(simulation.queue_limit_ms === undefined ? {} : { queueLimitMs: simulation.queue_limit_ms }),
  };
}

/** Settles how long the job runs, where the simulation leaves it to chance. */
function withDuration(simulation: Simulation): Simulation {
  const { duration_ms, maximum_duration_ms = duration_ms } = simulation;
  const range = Math.max(0, maximum_duration_ms - duration_ms);
  return { ...simulation, duration_ms: duration_ms + Math.random() * range };
}

type Ending = { outcome: AttemptOutcome['status']; message?: string };

async function simulate(whole: Simulation, run: AttemptRun, told: Promise<Ending>): Promise<AttemptOutcome> {
  const fails = run.attempt.attemptNumber < whole.failed_attempts;
  const simulation = { ...whole, hold: whole.hold && !fails };
  const startedAt = Date.now();
  let ended: number | undefined;
  run.countWith(() => countsAt(simulation, run, ended ?? portion(simulation, startedAt)));
  const over = new AbortController();
  const ending = await Promise.race([told, itsTime(simulation, AbortSignal.any([run.signal, over.signal]))]);
  over.abort();
  if (run.signal.aborted) await delay(simulation.cancel_duration_ms);
  ended = run.signal.aborted ? portion(simulation, startedAt) : 1;
  const log = [
    { timestamp: startedAt, level: 'info', source: 'platform', message: 'The simulated job started.' },
    { timestamp: Date.now(), level: 'info', source: 'platform', message: 'The simulated job ended.' },
  ];
  if (fails && ending === undefined) {
    return { status: 'failed', failures: [failure(simulation)], log, retryAfterMs: simulation.retry_delay_ms };
  }
  const status = ending?.outcome ?? simulation.outcome;
  const failures = status === 'failed' ? [failure(simulation, ending?.message)] : [];
  return { status, failures, log };
}

/** Waits for the end of the simulation, or until the signal says that nobody waits any more. */
async function itsTime(simulation: Simulation, signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return;
  if (simulation.hold) await once(signal, 'abort');
  // That the delay was cut short is no mistake.
  else await delay(simulation.duration_ms, undefined, { signal }).catch(() => undefined);
}

/** How much of the work is done, from 0 to 1. */
function portion(simulation: Simulation, startedAt: number): number {
  if (simulation.hold) return 0.5;
  return simulation.duration_ms === 0 ? 1 : Math.min(1, (Date.now() - startedAt) / simulation.duration_ms);
}

function countsAt(simulation: Simulation, run: AttemptRun, done: number): AttemptCounts {
  if (simulation.unmeasured) return UNMEASURED;
  const records = Math.floor(simulation.records * done);
  const bytes = Math.floor(simulation.bytes * done);
  const total = {
    recordsEmitted: records,
    recordsCommitted: Math.floor((simulation.records_committed ?? simulation.records) * done),
    recordsRejected: Math.floor(simulation.records_rejected * done),
    bytesEmitted: bytes,
    bytesCommitted: simulation.records_committed === 0 ? 0 : bytes,
  };
  const first = run.job.streams[0];
  return { total, streams: first === undefined ? [] : [{ ...nameOf(first), ...total }] };
}

function failure(simulation: Simulation, message = simulation.failure_message) {
  return {
    failureOrigin: simulation.failure_origin,
    failureType: simulation.failure_type,
    externalMessage: message,
    internalMessage: simulation.failure_internal_message ?? message,
    timestamp: Date.now(),
  };
}
