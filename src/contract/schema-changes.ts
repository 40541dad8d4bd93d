/** What a pipeline wants to become of changes of its source's schema. */
export type SchemaChangesPolicy = 'ignore' | 'propagate' | 'fail';

/**
 * What Airbyte is told for each: its `nonBreakingChangesPreference`, the same words since 0.50. It is `propagate_columns`
 * and not `propagate_fully`, which would sync streams that no document names.
 */
export const NON_BREAKING_CHANGES_PREFERENCES = {
  ignore: 'ignore',
  propagate: 'propagate_columns',
  fail: 'disable',
} as const satisfies Record<SchemaChangesPolicy, string>;

/** A connection's `nonBreakingChangesPreference` in the words of a document, where these have one for it. */
export function schemaChangesPolicyOf(preference: unknown): SchemaChangesPolicy | undefined {
  const policies = Object.entries(NON_BREAKING_CHANGES_PREFERENCES) as [SchemaChangesPolicy, string][];
  return policies.find(([, word]) => word === preference)?.[0];
}

/** One thing in which a source's schema is no longer what its connection was set up with. */
export interface SchemaChange {
  /** With its namespace before it, where it has one: `public.orders`. */
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
  /** How many further changes there are, which are not listed. */
  moreChanges: number;
}

/** A drift goes through histories, which take no payload of any size. */
const MAXIMUM_LISTED_CHANGES = 200;

/** The drift that these changes are; undefined when there are none. */
export function toSchemaDrift(changes: readonly SchemaChange[]): SchemaDrift | undefined {
  if (changes.length === 0) return undefined;
  return {
    changes: changes.slice(0, MAXIMUM_LISTED_CHANGES),
    moreChanges: Math.max(0, changes.length - MAXIMUM_LISTED_CHANGES),
  };
}

/** How a stream is called in messages: `public.orders`. */
export function streamTitle({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** A change in words: `orders: field discount added (number)`. */
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

/** The first of a drift's changes in words, for one line: `orders: field a added, …, and 3 more`. */
export function describeSchemaDrift({ changes, moreChanges }: SchemaDrift, shown = 10): string {
  const rest = changes.length + moreChanges - Math.min(shown, changes.length);
  const texts = changes.slice(0, shown).map(describeSchemaChange);
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
