/** Changes of a source's schema: what a document wants to happen then, and how they are listed and described. */

/** What a document wants to happen when its source's schema has changed. */
export type SchemaChangesPolicy = 'ignore' | 'propagate' | 'fail';

/**
 * The `nonBreakingChangesPreference` of Airbyte for each policy; the values are the same since 0.50. `propagate` is
 * `propagate_columns`, because `propagate_fully` would sync streams that the document does not list.
 */
export const NON_BREAKING_CHANGES_PREFERENCES = {
  ignore: 'ignore',
  propagate: 'propagate_columns',
  fail: 'disable',
} as const satisfies Record<SchemaChangesPolicy, string>;

/** The policy for a connection's `nonBreakingChangesPreference`; undefined if no policy stands for it. */
export function schemaChangesPolicyOf(preference: unknown): SchemaChangesPolicy | undefined {
  const policies = Object.entries(NON_BREAKING_CHANGES_PREFERENCES) as [SchemaChangesPolicy, string][];
  return policies.find(([, word]) => word === preference)?.[0];
}

/** One difference between a source's schema and the catalog of its connection. */
export interface SchemaChange {
  /** The stream's name, with its namespace if it has one: `public.orders`. */
  stream: string;
  kind: 'stream added' | 'stream removed' | 'field added' | 'field removed' | 'type changed';
  /** The path of the field: `total`, `address.city`. */
  field?: string;
  /** The field's type in the connection's catalog. */
  from?: string;
  /** The field's type in the source. */
  to?: string;
}

/** How a source's schema differs from the catalog of its connection. */
export interface SchemaDrift {
  changes: SchemaChange[];
  /** How many further changes there are. */
  moreChanges: number;
}

/** A drift is part of workflow histories, in which the size of a payload is limited. */
const MAXIMUM_LISTED_CHANGES = 200;

/** Makes a drift of changes; undefined if there are none. */
export function toSchemaDrift(changes: readonly SchemaChange[]): SchemaDrift | undefined {
  if (changes.length === 0) return undefined;
  return {
    changes: changes.slice(0, MAXIMUM_LISTED_CHANGES),
    moreChanges: Math.max(0, changes.length - MAXIMUM_LISTED_CHANGES),
  };
}

/** The name of a stream in messages: `public.orders`. */
export function streamTitle({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** Describes a change: `orders: field discount added (number)`. */
export function describeSchemaChange({ stream, kind, field = '', from, to }: SchemaChange): string {
  switch (kind) {
    case 'stream added':
      return `${stream}: new in the source`;
    case 'stream removed':
      return `${stream}: no longer in the source`;
    case 'field added':
      return `${stream}: field ${field} added${to ? ` (${to})` : ''}`;
    case 'field removed':
      return `${stream}: field ${field} removed`;
    case 'type changed':
      return `${stream}: type of ${field} changed from ${from} to ${to}`;
  }
}

/** Describes the first changes of a drift in one line: `orders: field a added; …; and 3 more`. */
export function describeSchemaDrift({ changes, moreChanges }: SchemaDrift, shown = 10): string {
  const rest = changes.length + moreChanges - Math.min(shown, changes.length);
  const texts = changes.slice(0, shown).map(describeSchemaChange);
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
