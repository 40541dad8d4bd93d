import type { Connection } from '../airbyte/schemas';
import type { PipelineDocument } from '../contract/pipeline-document';
import type { FieldChange } from '../contract/pipeline-plan';
import { NON_BREAKING_CHANGES_PREFERENCES } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import { changeOfSetting } from './field-change';
import { matchesStreamName } from './source-defined-fields';

type ConnectionOfDocument = PipelineDocument['connection'];

/** What Airbyte has where nothing else was set. */
const DEFAULTS = { prefix: '', nonBreakingChangesPreference: NON_BREAKING_CHANGES_PREFERENCES.ignore };

/** The fields that a document had and leaves out now, as Airbyte has them by default. */
export function defaultsOfRemovedFields(
  wanted: ConnectionOfDocument,
  before: ConnectionOfDocument | undefined,
): Partial<typeof DEFAULTS> {
  const { prefix, nonBreakingChangesPreference } = DEFAULTS;
  return {
    ...(before?.prefix !== undefined && wanted.prefix === undefined && { prefix }),
    ...(before?.schemaChanges !== undefined && wanted.schemaChanges === undefined && { nonBreakingChangesPreference }),
  };
}

export function removedSettings(
  existing: Connection,
  wanted: ConnectionOfDocument,
  before: ConnectionOfDocument | undefined,
): FieldChange[] {
  return Object.entries(defaultsOfRemovedFields(wanted, before))
    .filter(([field, value]) => (existing[field] ?? DEFAULTS[field as keyof typeof DEFAULTS]) !== value)
    .map(([field, to]) => changeOfSetting(field, existing[field], to));
}

/** Which cursors and keys a document no longer names: they have no default that the connection could go back to. */
export function notesOnRemovedFields(
  { streams }: ConnectionOfDocument,
  before: ConnectionOfDocument | undefined,
  current: readonly SelectedStream[],
): string[] {
  const dropped = streams.flatMap((stream, index) => {
    const earlier = before?.streams.find(
      ({ name, namespace }) => name === stream.name && namespace === stream.namespace,
    );
    const now = current.find((each) => matchesStreamName(stream, each));
    if (earlier === undefined || now === undefined) return [];
    const fields = (['cursorField', 'primaryKey'] as const).filter(
      (field) => earlier[field] !== undefined && stream[field] === undefined && now[field].length > 0,
    );
    return fields.map((field) => `connection.streams[${index}].${field} (${JSON.stringify(now[field])})`);
  });
  if (dropped.length === 0) return [];
  return [
    `No longer in the document: ${dropped.slice(0, FIELDS_IN_A_NOTE).join(', ')}. The connection keeps what it has.`,
  ];
}

/** As many fields as a person reads in a note. */
const FIELDS_IN_A_NOTE = 10;
