import { createHash } from 'node:crypto';
import type { FieldChange, PlannedStream } from '../contract/pipeline-plan';
import type { ConnectionDifference } from './connection-difference';

/*
 * Servers turn some of what they are sent into something else: they sort lists, drop keys that a sync mode does not use, or
 * do not have a field at all. What still differs right after it was sent is noted with the run, and the next comparison
 * takes it for equal, as long as both sides stay as they are: else a plan would never become empty.
 */

/** A memo is small; a server that turns more than this into something else is not noted in full. */
const MAXIMUM_DIGESTS = 100;
/** Enough to tell values apart, which themselves do not get into the memo. */
const DIGEST_LENGTH = 16;

/** What stands for a difference in a run's note: where it is, what was wanted and what Airbyte has. */
export function digestOf(...parts: unknown[]): string {
  const text = JSON.stringify(parts.map((part) => part ?? null));
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);
}

/** What is left of the differences, and what an earlier run has noted of them. */
export interface Split<T> {
  left: T;
  /** The fields that were noted, for people. */
  fields: string[];
  /** What is to be noted again. */
  unkept: string[];
}

/** As many as a memo takes. */
export function limitDigests(digests: readonly string[]): string[] {
  return [...new Set(digests)].slice(0, MAXIMUM_DIGESTS);
}

/** Takes out of a list of differences what an earlier run has noted. */
export function splitKnownDifferences<T>(
  all: readonly T[],
  noted: readonly string[],
  describe: (one: T) => { field: string; digest: string },
): Split<T[]> {
  const split: Split<T[]> = { left: [], fields: [], unkept: [] };
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

/** Takes out of a connection's difference what an earlier run has noted. */
export function splitKnownConnectionDifferences(
  difference: ConnectionDifference,
  noted: readonly string[] = [],
): Split<ConnectionDifference> {
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

/** What stands for each difference of a connection. */
export function digestsOfConnection(difference: ConnectionDifference): string[] {
  const streams = (difference.streams ?? []).flatMap((stream) => {
    const title = [stream.namespace, stream.name];
    if (stream.action === 'add' || stream.action === 'remove') return [digestOf('stream', title, stream.action)];
    const drift = driftOf(stream, difference);
    return stream.changes.map((change) => describe(title, change, drift).digest);
  });
  return [...difference.settings.map((change) => describe('connection', change).digest), ...streams];
}

/** How the schema of a stream differs; looked for only where the stream has such a change, since there may be thousands. */
function driftOf({ name, changes }: PlannedStream, { schemaChanges }: ConnectionDifference): readonly unknown[] {
  if (!changes.some(({ field }) => field === 'schema')) return [];
  return schemaChanges.filter(({ stream }) => stream === name || stream.endsWith(`.${name}`));
}

/** A schema's change says only that there is one; its digest is that of what has changed. */
function describe(owner: unknown, { field, from, to }: FieldChange, drift: readonly unknown[] = []) {
  return { field, digest: digestOf(owner, field, from, to, field === 'schema' ? drift : null) };
}

/** What a person should know of fields that are not sent again. */
export function notesOnNormalizedFields(what: string, fields: readonly string[]): string[] {
  if (fields.length === 0) return [];
  return [
    `Airbyte keeps ${fields.join(', ')} of the ${what} otherwise than the document has it, although an earlier run has sent it. It is not sent again until one of the two changes.`,
  ];
}
