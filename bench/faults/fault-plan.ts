import type { FaultInput } from 'temporal-airbyte-sandbox';

/** A fault that befalls one request. */
export interface PlannedFault {
  /** What happens, in words. */
  kind: string;
  fault: FaultInput;
}

type Random = () => number;

interface FaultKind {
  kind: string;
  fault(random: Random, gatewayTimeoutMs: number): FaultInput;
}

const TRIGGER = 'connections/sync';
const POLLS = ['jobs/list', 'jobs/get_without_logs'] as const;

/** Requests that pass between two faults of the same call, at most. Triggers are few, polls are many. */
const TRIGGERS_BETWEEN = 2;
const POLLS_BETWEEN = 6;

const busy = (status: number, random: Random): FaultInput => ({
  status,
  headers: { 'retry-after': String(1 + Math.floor(random() * 3)) },
});

const seconds = (from: number, to: number, random: Random) => Math.round(1_000 * (from + random() * (to - from)));

const ALREADY_RUNNING = { message: 'A sync is already running for: this connection' };

const ANY_CALL: readonly FaultKind[] = [
  { kind: 'connection broken before the effect', fault: () => ({ drop: 'before' }) },
  { kind: '503 with Retry-After', fault: (random) => busy(503, random) },
  { kind: '429 with Retry-After', fault: (random) => busy(429, random) },
  { kind: 'slow response', fault: (random) => ({ delayMs: seconds(1, 8, random) }) },
];

const OF_TRIGGERS: readonly FaultKind[] = [
  ...ANY_CALL,
  { kind: 'connection broken after the effect', fault: () => ({ drop: 'after' }) },
  {
    kind: 'a gateway responds with 504, and the job has just started',
    fault: (random) => ({ status: 504, effect: true, delayMs: seconds(1, 8, random) }),
  },
  {
    kind: 'a gateway times out with a 504, and the job has run meanwhile',
    fault: (_random, gatewayTimeoutMs) => ({ status: 504, effect: true, delayMs: gatewayTimeoutMs }),
  },
  { kind: '409, and nothing runs any more', fault: () => ({ status: 409, body: ALREADY_RUNNING }) },
  { kind: '409, and it is our own job that runs', fault: () => ({ status: 409, body: ALREADY_RUNNING, effect: true }) },
];

/**
 * Faults for so many syncs: about every second trigger meets one, and so do polls.
 *
 * @param random gives numbers from 0 to 1; the same numbers make the same plan
 * @param gatewayPatienceMs how long a gateway waits for Airbyte before it responds with 504, in milliseconds
 */
export function planFaults(syncs: number, random: Random, gatewayTimeoutMs: number): PlannedFault[] {
  const ofTriggers = plan(Math.ceil(syncs / 2), [TRIGGER], OF_TRIGGERS, TRIGGERS_BETWEEN, random, gatewayTimeoutMs);
  return [...ofTriggers, ...plan(Math.ceil(syncs / 4), POLLS, ANY_CALL, POLLS_BETWEEN, random, gatewayTimeoutMs)];
}

function plan(
  count: number,
  calls: readonly string[],
  kinds: readonly FaultKind[],
  between: number,
  random: Random,
  gatewayTimeoutMs: number,
): PlannedFault[] {
  return Array.from({ length: count }, (_, index) => {
    // Each kind in turn, so that none is missing; the request is chosen at random.
    const { kind, fault } = kinds[index % kinds.length] as FaultKind;
    const call = calls[Math.floor(random() * calls.length)] as string;
    return { kind, fault: { call, skip: Math.floor(random() * (between + 1)), ...fault(random, gatewayTimeoutMs) } };
  });
}
