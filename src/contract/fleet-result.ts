import { firstLine, shorten } from '../text/shorten';

/** How a connection of a fleet has ended. Skipped is one that was not to be started any more. */
export type FleetOutcome = 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** What became of one connection of a fleet. */
export interface FleetConnectionOutcome {
  outcome: FleetOutcome;
  /** The job in Airbyte, of one that succeeded. */
  jobId?: number;
  /** Null where Airbyte has not measured it. */
  recordsSynced?: number | null;
  bytesSynced?: number | null;
  /** The failure type of one that failed. */
  type?: string;
  /** Why it did not succeed. */
  message?: string;
}

export interface FleetConnectionResult extends FleetConnectionOutcome {
  connectionId: string;
  name: string;
}

/** What a fleet has come to. */
export interface FleetResult {
  name: string;
  counts: Record<FleetOutcome, number>;
  /** What was measured of all together; null where nothing was measured of those that succeeded. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  /** How many have succeeded without Airbyte having measured what they moved; left out when there are none. */
  unmeasured?: number;
  /** In the order of the document. Of thousands of connections, names and messages are cut short. */
  connections: FleetConnectionResult[];
}

/** The texts of all connections together, in characters: with all else it is to stay below Temporal's 2 MB. */
const NAMES_BUDGET = 200_000;
const MESSAGES_BUDGET = 200_000;
const LONGEST_NAME = 200;
const LONGEST_MESSAGE = 1_000;

/** Connections that a message names; the details have the others. */
const MAXIMUM_NAMED_CONNECTIONS = 10;
const LONGEST_REASON = 300;

/** A name as long as the names of so many connections may be. */
export function shortenName(name: string, connections: number): string {
  const limit = Math.min(LONGEST_NAME, Math.floor(NAMES_BUDGET / Math.max(1, connections)));
  return name.length <= limit ? name : `${name.slice(0, limit - 1)}…`;
}

/** An end with a message as long as those of so many ends may be. */
export function shortenOutcome(end: FleetConnectionOutcome, ends: number): FleetConnectionOutcome {
  if (end.message === undefined) return end;
  const limit = Math.min(LONGEST_MESSAGE, Math.floor(MESSAGES_BUDGET / Math.max(1, ends)));
  return { ...end, message: shorten(end.message, limit) };
}

/** Why a fleet has failed, in a paragraph; undefined when it has not. Some are skipped on purpose. */
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
