import type { Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributeKeys } from '../contract/search-attribute-keys';
import { RPC_TIMEOUT_MS, withTimeout } from './call-timeout';

const KEYS = Object.values(searchAttributeKeys);
export type OwnSearchAttributeKey = (typeof KEYS)[number];

/** Values of `temporal.api.enums.v1.IndexedValueType`. */
export const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3 } as const;

/**
 * How many custom search attributes of a type a namespace has room for, where visibility is in SQL: its table has so many
 * columns (https://docs.temporal.io/search-attribute#custom-search-attribute-limits).
 */
const SQL_COLUMNS = { KEYWORD: 10, INT: 3 } as const;
const SQL_STORES = /^(mysql|postgres|sqlite)/;

/** What a namespace lacks of our search attributes, and why it may not get it. */
export interface MissingSearchAttributes {
  missing: OwnSearchAttributeKey[];
  /** In use by our names, with another type. */
  conflicting: OwnSearchAttributeKey[];
  /** Why some of those that are missing cannot be registered, and what to do; undefined where nothing is known to be in the way. */
  capacityProblem: string | undefined;
}

export async function findMissingSearchAttributes(
  connection: Pick<Connection, 'workflowService' | 'operatorService' | 'withDeadline'>,
  namespace: string,
): Promise<MissingSearchAttributes> {
  const { customAttributes: types } = await withTimeout(connection, RPC_TIMEOUT_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const missing = KEYS.filter(({ name }) => types[name] === undefined);
  const conflicting = KEYS.filter(
    ({ name, type }) => types[name] !== undefined && types[name] !== INDEXED_VALUE_TYPES[type],
  );
  if (missing.length === 0) return { missing, conflicting, capacityProblem: undefined };
  // Who may not ask where visibility is hears of it when the server refuses to register.
  const visibility = await withTimeout(connection, RPC_TIMEOUT_MS, () =>
    connection.workflowService.getClusterInfo({}),
  ).then(
    ({ visibilityStore }) => visibilityStore ?? '',
    () => '',
  );
  const capacityProblem = SQL_STORES.test(visibility)
    ? describeCapacityProblem(namespace, visibility, missing, types)
    : undefined;
  return { missing, conflicting, capacityProblem };
}

function describeCapacityProblem(
  namespace: string,
  visibility: string,
  missing: readonly OwnSearchAttributeKey[],
  types: Record<string, number>,
): string | undefined {
  const reasons = (['KEYWORD', 'INT'] as const).flatMap((type) => {
    const wanted = missing.filter((key) => key.type === type);
    const taken = Object.keys(types).filter((name) => types[name] === INDEXED_VALUE_TYPES[type]);
    if (taken.length + wanted.length <= SQL_COLUMNS[type]) return [];
    const names = wanted.map(({ name }) => name).join(', ');
    const typeName = TypedSearchAttributes.toMetadataType(type);
    const others = taken.filter((name) => !KEYS.some((key) => key.name === name)).sort();
    return `${names} of type ${typeName} (of ${SQL_COLUMNS[type]}, others have ${others.join(', ')})`;
  });
  if (reasons.length === 0) return undefined;
  return (
    `The namespace '${namespace}' has no slot left for search attributes in its visibility store (${visibility}): ${reasons.join('; ')}. ` +
    'Workflows that set them would get stuck, so no worker starts there. Use a namespace of its own (TEMPORAL_NAMESPACE), or remove an attribute ' +
    `that is no longer used: temporal operator search-attribute remove --namespace ${namespace} --name NAME.`
  );
}
