import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Simulation, simulationOf } from '../connectors/simulated';
import { type AttemptCounts, UNMEASURED } from '../state/job';
import { nameOf } from '../state/stream-name';
import type { AttemptOutcome, AttemptRun, JobWork } from './job-work';

/** The work of a simulated job. `jobIndex` is the job's index among the jobs of its connection, from 0. */
export function simulatedWork(configuration: Record<string, unknown>, jobIndex: number): JobWork {
  const simulation = withDuration(simulationOf(configuration, jobIndex));
  let end: ((ending: Ending) => void) | undefined;
  const requestedEnding = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  return {
    attempt: (run) => simulate(simulation, run, requestedEnding),
    finish: (ending) => end?.(ending),
    ...(simulation.queued_ms === undefined ? {} : { queuedMs: simulation.queued_ms }),
    ...(simulation.queue_limit_ms === undefined ? {} : { queueLimitMs: simulation.queue_limit_ms }),
  };
}

/** Picks the job's duration at random if the simulation gives a range. */
function withDuration(simulation: Simulation): Simulation {
  const { duration_ms, maximum_duration_ms = duration_ms } = simulation;
  const range = Math.max(0, maximum_duration_ms - duration_ms);
  return { ...simulation, duration_ms: duration_ms + Math.random() * range };
}

type Ending = { outcome: AttemptOutcome['status']; message?: string };

async function simulate(
  configured: Simulation,
  run: AttemptRun,
  requestedEnding: Promise<Ending>,
): Promise<AttemptOutcome> {
  const fails = run.attempt.attemptNumber < configured.failed_attempts;
  const simulation = fails ? { ...configured, hold: false, stalls_after_ms: undefined } : configured;
  const startedAt = Date.now();
  let ended: number | undefined;
  run.attempt.log = [
    { timestamp: startedAt, level: 'info', source: 'platform', message: 'The simulated job started.' },
  ];
  run.setCounts(() => countsAt(simulation, run, ended ?? portion(simulation, startedAt)));
  const over = new AbortController();
  const ending = await Promise.race([
    requestedEnding,
    simulatedTime(simulation, AbortSignal.any([run.signal, over.signal])),
  ]);
  over.abort();
  if (run.signal.aborted) await delay(simulation.cancel_duration_ms);
  ended = run.signal.aborted ? portion(simulation, startedAt) : 1;
  const log = [
    ...run.attempt.log,
    { timestamp: Date.now(), level: 'info', source: 'platform', message: 'The simulated job ended.' },
  ];
  if (fails && ending === undefined) {
    return { status: 'failed', failures: [failure(simulation)], log, retryAfterMs: simulation.retry_delay_ms };
  }
  const status = ending?.outcome ?? simulation.outcome;
  const failures = status === 'failed' ? [failure(simulation, ending?.message)] : [];
  return { status, failures, log };
}

/** Waits until the simulated time is over or the signal aborts. */
async function simulatedTime(simulation: Simulation, signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return;
  if (simulation.hold || simulation.stalls_after_ms !== undefined) await once(signal, 'abort');
  // An abort ends the delay early, which is not an error.
  else await delay(simulation.duration_ms, undefined, { signal }).catch(() => undefined);
}

/** The completed share of the work, from 0 to 1. */
function portion(simulation: Simulation, startedAt: number): number {
  const { hold, duration_ms, stalls_after_ms = Number.POSITIVE_INFINITY } = simulation;
  if (hold) return 0.5;
  const workedMs = Math.min(Date.now() - startedAt, stalls_after_ms);
  return duration_ms === 0 ? 1 : Math.min(1, workedMs / duration_ms);
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
