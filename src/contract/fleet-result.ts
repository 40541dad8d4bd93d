/** The result of a fleet, shortened to Temporal's limits, and the message of a fleet that failed. */
import { firstLine, shorten } from '../text/shorten';
import type { MovedCounts } from './job-outcome';

/** How the sync of a connection ended. `skipped`: it was not started, because of a failure or a cancellation. */
export type FleetOutcome = 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** The outcome of one connection of a fleet. */
export interface FleetConnectionOutcome extends Partial<MovedCounts> {
  outcome: FleetOutcome;
  /** The job in Airbyte, if the sync succeeded. */
  jobId?: number;
  /** The failure type, if the sync failed. */
  type?: string;
  /** Why the sync did not succeed. */
  message?: string;
}

export interface FleetConnectionResult extends FleetConnectionOutcome {
  connectionId: string;
  name: string;
}

/** The result of a fleet. */
export interface FleetResult {
  name: string;
  counts: Record<FleetOutcome, number>;
  /** The sum of all measured counts; null if Airbyte measured none of the syncs that succeeded. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  /** How many syncs succeeded without counts, because Airbyte measured none; left out when there are none. */
  unmeasured?: number;
  /** In the order of the document. If there are thousands, their names and messages are shortened. */
  connections: FleetConnectionResult[];
}

/** How many characters all names, and all messages, may have together: the result must stay below Temporal's limit of 2 MB. */
const NAMES_BUDGET = 200_000;
const MESSAGES_BUDGET = 200_000;
const LONGEST_NAME = 200;
const LONGEST_MESSAGE = 1_000;

/** How many connections the message names; the failure's details have all of them. */
const MAXIMUM_NAMED_CONNECTIONS = 10;
const LONGEST_REASON = 300;

/** Shortens a connection's name to its share of {@link NAMES_BUDGET}. */
export function shortenName(name: string, connections: number): string {
  const limit = Math.min(LONGEST_NAME, Math.floor(NAMES_BUDGET / Math.max(1, connections)));
  return name.length <= limit ? name : `${name.slice(0, limit - 1)}…`;
}

/** Shortens the message of an outcome to its share of {@link MESSAGES_BUDGET}. @param outcomes how many outcomes have a message */
export function shortenOutcome(outcome: FleetConnectionOutcome, outcomes: number): FleetConnectionOutcome {
  if (outcome.message === undefined) return outcome;
  const limit = Math.min(LONGEST_MESSAGE, Math.floor(MESSAGES_BUDGET / Math.max(1, outcomes)));
  return { ...outcome, message: shorten(outcome.message, limit) };
}

/** The message of a failed fleet; undefined if it has not failed. Skipped connections alone are no failure. */
export function describeFailedFleet({ name, counts, connections }: FleetResult): string | undefined {
  const failed = connections.filter(({ outcome }) => outcome === 'failed' || outcome === 'cancelled');
  if (failed.length === 0) return undefined;
  const more = failed.length - MAXIMUM_NAMED_CONNECTIONS;
  return [
    `${failed.length} of the ${connections.length} connections of the fleet '${name}' did not succeed` +
      `${counts.skipped > 0 ? `, and ${counts.skipped} ${counts.skipped === 1 ? 'was' : 'were'} skipped` : ''}:`,
    ...failed.slice(0, MAXIMUM_NAMED_CONNECTIONS).map(describeFailed),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}

function describeFailed({ name, outcome, type, message = '' }: FleetConnectionResult): string {
  const reason = firstLine(message);
  const how = outcome === 'cancelled' ? 'cancelled' : (type ?? outcome);
  return `${name}: ${how}${reason === '' ? '' : `: ${shorten(reason, LONGEST_REASON)}`}`;
}
