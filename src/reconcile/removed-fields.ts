import type { Connection } from '../airbyte/schemas';
import type { PipelineDocument } from '../contract/pipeline-document';
import type { FieldChange } from '../contract/pipeline-plan';
import { NON_BREAKING_CHANGES_PREFERENCES } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import { changeOfSetting } from './field-change';
import { matchesStreamName } from './source-defined-fields';

type ConnectionOfDocument = PipelineDocument['connection'];

/** Airbyte's defaults. */
const DEFAULTS = { prefix: '', nonBreakingChangesPreference: NON_BREAKING_CHANGES_PREFERENCES.ignore };

/** Airbyte's defaults for the fields that an earlier document had and the present one leaves out. */
export function defaultsOfRemovedFields(
  desired: ConnectionOfDocument,
  before: ConnectionOfDocument | undefined,
): Partial<typeof DEFAULTS> {
  const { prefix, nonBreakingChangesPreference } = DEFAULTS;
  return {
    ...(before?.prefix !== undefined && desired.prefix === undefined && { prefix }),
    ...(before?.schemaChanges !== undefined && desired.schemaChanges === undefined && { nonBreakingChangesPreference }),
  };
}

export function removedSettings(
  existing: Connection,
  desired: ConnectionOfDocument,
  before: ConnectionOfDocument | undefined,
): FieldChange[] {
  return Object.entries(defaultsOfRemovedFields(desired, before))
    .filter(([field, value]) => (existing[field] ?? DEFAULTS[field as keyof typeof DEFAULTS]) !== value)
    .map(([field, to]) => changeOfSetting(field, existing[field], to));
}

/** Names the cursors and keys that a document no longer has. They have no default, so the connection keeps them. */
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

/** The number of fields that a note names. */
const FIELDS_IN_A_NOTE = 10;
