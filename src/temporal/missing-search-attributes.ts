/** Finds out which of this project's search attributes a namespace lacks, and whether it has room for them. */
import type { Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributeKeys } from '../contract/search-attribute-keys';
import { RPC_TIMEOUT_MS, withTimeout } from './call-timeout';

const KEYS = Object.values(searchAttributeKeys);
export type OwnSearchAttributeKey = (typeof KEYS)[number];

/** Values of `temporal.api.enums.v1.IndexedValueType`. */
export const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3 } as const;

/**
 * The limits of custom search attributes by type, if the visibility store is an SQL database: its table has so many columns
 * (https://docs.temporal.io/search-attribute#custom-search-attribute-limits).
 */
const SQL_COLUMNS = { KEYWORD: 10, INT: 3 } as const;
const SQL_STORES = /^(mysql|postgres|sqlite)/;

/** The search attributes of this project that a namespace lacks, and why they cannot be registered. */
export interface MissingSearchAttributes {
  missing: OwnSearchAttributeKey[];
  /** Search attributes with our names, but another type. */
  conflicting: OwnSearchAttributeKey[];
  /** Why there is no room for some of the missing ones, and what to do; undefined if no obstacle is known. */
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
  // Without the permission to read the visibility store, the registration itself will show whether there is room.
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
    const needed = missing.filter((key) => key.type === type);
    const taken = Object.keys(types).filter((name) => types[name] === INDEXED_VALUE_TYPES[type]);
    if (taken.length + needed.length <= SQL_COLUMNS[type]) return [];
    const names = needed.map(({ name }) => name).join(', ');
    const typeName = TypedSearchAttributes.toMetadataType(type);
    const others = taken.filter((name) => !KEYS.some((key) => key.name === name)).sort();
    return `${names} of type ${typeName} (of ${SQL_COLUMNS[type]}, others have ${others.join(', ')})`;
  });
  if (reasons.length === 0) return undefined;
  return (
    `The namespace '${namespace}' has no room left for search attributes in its visibility store (${visibility}): ${reasons.join('; ')}. ` +
    'Workflows that set them would get stuck, so the worker does not start. Use another namespace (TEMPORAL_NAMESPACE), or remove an attribute ' +
    `that is no longer used: temporal operator search-attribute remove --namespace ${namespace} --name NAME.`
  );
}
