import { createHash } from 'node:crypto';
import type { NotedAgain, ObjectMemo } from '../contract/object-memo';
import type { FieldChange, PlannedStream } from '../contract/pipeline-plan';
import type { ConnectionDifference } from './connection-difference';

/*
 * Servers normalize some of what they are sent: they sort lists, drop keys that a sync mode does not use, or do not have a field
 * at all. The run notes a digest of each difference that remains right after the update. Later comparisons ignore such a
 * difference as long as neither side changes; otherwise a plan would never become empty.
 */

/** The size of a memo is limited, so further digests are dropped. */
const MAXIMUM_DIGESTS = 100;
/** Long enough to distinguish values. The values themselves do not become part of the memo. */
const DIGEST_LENGTH = 16;

/** The digest of a difference in a run's memo: where it is, what was desired and what Airbyte has. */
export function digestOf(...parts: unknown[]): string {
  const text = JSON.stringify(parts.map((part) => part ?? null));
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);
}

/** The new differences, and those that an earlier run noted. */
export interface SplitDifferences<T> {
  left: T;
  /** The fields of the noted differences, for a note to the user. */
  fields: string[];
  /** The digests of the noted differences, which the run notes again. */
  unkept: string[];
}

/** Drops duplicates, and the digests that do not fit into a memo. */
export function limitDigests(digests: readonly string[]): string[] {
  return [...new Set(digests)].slice(0, MAXIMUM_DIGESTS);
}

/** Separates the differences that an earlier run noted from the new ones. */
export function splitKnownDifferences<T>(
  all: readonly T[],
  noted: readonly string[],
  describe: (one: T) => { field: string; digest: string },
): SplitDifferences<T[]> {
  const split: SplitDifferences<T[]> = { left: [], fields: [], unkept: [] };
  for (const one of all) {
    const { field, digest } = describe(one);
    if (!noted.includes(digest)) split.left.push(one);
    else {
      split.fields.push(field);
      split.unkept.push(digest);
    }
  }
  return split;
}

/** Separates the differences of a connection that an earlier run noted from the new ones. */
export function splitKnownConnectionDifferences(
  difference: ConnectionDifference,
  noted: readonly string[] = [],
): SplitDifferences<ConnectionDifference> {
  const settings = splitKnownDifferences(difference.settings, noted, (change) => describe('connection', change));
  const fields = [...settings.fields];
  const unkept = [...settings.unkept];
  const streams = difference.streams?.map((stream) => {
    const title = [stream.namespace, stream.name];
    const name = `streams[${stream.name}]`;
    if (stream.action === 'add' || stream.action === 'remove') {
      const digest = digestOf('stream', title, stream.action);
      if (!noted.includes(digest)) return stream;
      fields.push(name);
      unkept.push(digest);
      return { ...stream, action: 'leave' as const };
    }
    const drift = driftOf(stream, difference);
    const split = splitKnownDifferences(stream.changes, noted, (change) => describe(title, change, drift));
    fields.push(...split.fields.map((field) => `${name}.${field}`));
    unkept.push(...split.unkept);
    return { ...stream, changes: split.left, action: split.left.length > 0 ? stream.action : ('leave' as const) };
  });
  return { left: { ...difference, settings: settings.left, streams }, fields, unkept };
}

/** The digests of all differences of a connection. */
export function digestsOfConnection(difference: ConnectionDifference): string[] {
  const streams = (difference.streams ?? []).flatMap((stream) => {
    const title = [stream.namespace, stream.name];
    if (stream.action === 'add' || stream.action === 'remove') return [digestOf('stream', title, stream.action)];
    const drift = driftOf(stream, difference);
    return stream.changes.map((change) => describe(title, change, drift).digest);
  });
  return [...difference.settings.map((change) => describe('connection', change).digest), ...streams];
}

/** The schema changes of a stream. They are searched only if it has any, since there may be thousands of streams. */
function driftOf({ name, changes }: PlannedStream, { schemaChanges }: ConnectionDifference): readonly unknown[] {
  if (!changes.some(({ field }) => field === 'schema')) return [];
  return schemaChanges.filter(({ stream }) => stream === name || stream.endsWith(`.${name}`));
}

/** A schema change itself says only that there is one, so its digest includes what has changed. */
function describe(owner: unknown, { field, from, to }: FieldChange, drift: readonly unknown[] = []) {
  return { field, digest: digestOf(owner, field, from, to, field === 'schema' ? drift : null) };
}

/** What a run that leaves an object as it is notes again in its memo. */
export function notedAgain(unkept: string[], earlier: ObjectMemo | undefined, id: string): { noted?: NotedAgain } {
  const changedAt = earlier?.id === id ? earlier.changedAt : undefined;
  if (unkept.length === 0 && changedAt === undefined) return {};
  return { noted: { ...(unkept.length > 0 && { unkept }), ...(changedAt !== undefined && { changedAt }) } };
}

/** Names the fields that are not sent again. */
export function notesOnNormalizedFields(what: string, fields: readonly string[]): string[] {
  if (fields.length === 0) return [];
  return [
    `Airbyte keeps ${fields.join(', ')} of the ${what} otherwise than the document has it, although an earlier run has sent it. It is not sent again until one of the two changes.`,
  ];
}
