import type { MetricCounter, MetricMeter, MetricTags } from '@temporalio/common';
import type { AirbyteClientObserver } from '../../src/airbyte/client-observer';
import { NOTIFICATION_RESULTS, type NotificationResult } from '../webhooks/webhook-listener';

/*
 * The metrics of this project that are not those of workflows (workflows/sync-metrics.ts). They go through the meter of the
 * SDK's runtime, so they are exported wherever the SDK's own metrics are, also those of a worker that is not ours. Where that
 * is not asked for, the meter does nothing.
 *
 * Names have no `_total` and no unit: the exporter adds them. Labels have few values each: never an id, a name or a message.
 */

/** How often what a worker holds is measured. */
const SAMPLE_INTERVAL_MS = 2_000;

/** Counts what a client does. */
export function clientMetrics(meter: MetricMeter): AirbyteClientObserver {
  const requests = meter.createCounter('temporal_airbyte_requests', '', 'Requests to Airbyte, by endpoint and status');
  const durations = seconds(meter, 'temporal_airbyte_request_duration', 'How long requests to Airbyte took');
  const waits = seconds(meter, 'temporal_airbyte_rate_limit_wait', 'How long requests waited for the rate limit');
  const refreshes = meter.createCounter('temporal_airbyte_token_refreshes', '', 'Requests for a token, by result');
  beginAtZero(refreshes, RESULTS.map(toResultLabel));
  return {
    onRequest({ endpoint, status, durationMs }) {
      requests.add(1, { endpoint, status: String(status) });
      durations.record(durationMs / 1_000, { endpoint });
    },
    onRateLimitWait: (waitedMs) => waits.record(waitedMs / 1_000),
    onTokenRefresh: (hasSucceeded) => refreshes.add(1, toResultLabel(resultOf(hasSucceeded))),
  };
}

/** Counts the polls for the jobs that syncs wait for. @returns the `onPoll` of a `JobWatcher` */
export function pollMetrics(meter: MetricMeter): (hasSucceeded: boolean, durationMs: number) => void {
  const polls = meter.createCounter('temporal_airbyte_polls', '', 'Polls for the jobs that syncs wait for, by result');
  const durations = seconds(meter, 'temporal_airbyte_poll_duration', 'How long polls took');
  beginAtZero(polls, RESULTS.map(toResultLabel));
  return (hasSucceeded, durationMs) => {
    polls.add(1, toResultLabel(resultOf(hasSucceeded)));
    durations.record(durationMs / 1_000);
  };
}

/** Counts the notifications from Airbyte. */
export function notificationMetrics(meter: MetricMeter): (result: NotificationResult) => void {
  const notifications = meter.createCounter(
    'temporal_airbyte_notifications',
    '',
    'Requests to the listener for notifications from Airbyte, by result',
  );
  beginAtZero(notifications, NOTIFICATION_RESULTS.map(toResultLabel));
  return (result) => notifications.add(1, { result });
}

/** What a worker holds at a moment. */
export interface HeldByWorker {
  waits: { readonly count: number };
  reach: { readonly isReached: boolean };
  slots: { readonly maximum: number; readonly used: number; readonly queued: number };
}

/** What happens in one worker. */
export interface WorkerMetrics {
  onJobAdopted(): void;
  onPassedOn(waits: number): void;
  /** Measures what the worker holds, from now on. @returns stops it */
  sample(held: HeldByWorker): () => void;
}

/** Counts what one worker does. @param meter has the labels of the worker */
export function workerMetrics(meter: MetricMeter): WorkerMetrics {
  const adopted = meter.createCounter(
    'temporal_airbyte_adopted_jobs',
    '',
    'Jobs that a trigger found after the response to its request was lost',
  );
  const passedOn = meter.createCounter(
    'temporal_airbyte_taken_over_waits',
    '',
    'Waits of dead workers that this worker has passed on to live ones',
  );
  beginAtZero(adopted);
  beginAtZero(passedOn);
  const waiting = meter.createGauge(
    'temporal_airbyte_waiting_syncs',
    'int',
    '',
    'Syncs that wait for the end of a job',
  );
  const reached = meter.createGauge(
    'temporal_airbyte_reachable',
    'int',
    '',
    'Whether the worker reaches its Airbyte: 1, or 0 when it does not',
  );
  const used = meter.createGauge('temporal_airbyte_slots_used', 'int', '', 'Slots for syncs that are in use');
  const limit = meter.createGauge('temporal_airbyte_slots_limit', 'int', '', 'Slots for syncs that there are');
  const queued = meter.createGauge('temporal_airbyte_queued_syncs', 'int', '', 'Syncs that wait for a slot');
  return {
    onJobAdopted: () => adopted.add(1),
    onPassedOn: (waits) => passedOn.add(waits),
    sample({ waits, slots, reach }) {
      const measure = () => {
        reached.set(reach.isReached ? 1 : 0);
        waiting.set(waits.count);
        used.set(slots.used);
        queued.set(slots.queued);
        if (Number.isFinite(slots.maximum)) limit.set(slots.maximum);
      };
      measure();
      const timer = setInterval(measure, SAMPLE_INTERVAL_MS).unref();
      return () => clearInterval(timer);
    },
  };
}

function seconds(meter: MetricMeter, name: string, description: string) {
  return meter.createHistogram(name, 'float', 'seconds', description);
}

const RESULTS = ['succeeded', 'failed'] as const;

function resultOf(hasSucceeded: boolean): (typeof RESULTS)[number] {
  return hasSucceeded ? 'succeeded' : 'failed';
}

function toResultLabel(result: string): MetricTags {
  return { result };
}

/** Shows a counter before its first event: Prometheus sees no increase in a series that begins above 0. */
function beginAtZero(counter: MetricCounter, labels: readonly MetricTags[] = [{}]): void {
  for (const each of labels) counter.add(0, each);
}
