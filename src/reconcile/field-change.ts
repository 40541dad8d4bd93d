import type { FieldChange } from '../contract/pipeline-plan';
import { schemaChangesPolicyOf } from '../contract/schema-changes';

/** A change of one of the connection's own fields, with the field's name in a document. */
export function changeOfSetting(field: string, from: unknown, to: unknown): FieldChange {
  if (field !== 'nonBreakingChangesPreference') return change(field, from, to);
  return change('schemaChanges', schemaChangesPolicyOf(from) ?? from, schemaChangesPolicyOf(to));
}

export function change(field: string, from: unknown, to: unknown): FieldChange {
  return { field, ...(from !== undefined && { from }), to };
}
