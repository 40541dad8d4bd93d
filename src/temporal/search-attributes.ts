/** Registers this project's search attributes in a namespace. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributeKeys } from '../contract/search-attribute-keys';
import { messageOf } from '../text/error-message';
import { RPC_TIMEOUT_MS, withTimeout } from './call-timeout';
import { GRPC_STATUS } from './grpc-status';
import {
  findMissingSearchAttributes,
  INDEXED_VALUE_TYPES,
  type OwnSearchAttributeKey,
} from './missing-search-attributes';

const KEYS = Object.values(searchAttributeKeys);

/** Servers cache search attributes, and refresh the cache about once a minute. */
const VISIBILITY_TIMEOUT_MS = 90_000;
const RECHECK_INTERVAL_MS = 500;

const CANNOT_COUNT: ReadonlySet<number> = new Set([GRPC_STATUS.UNIMPLEMENTED, GRPC_STATUS.PERMISSION_DENIED]);

/** The services of a connection, that of a client or of a worker. */
type Services = Pick<Connection, 'workflowService' | 'operatorService' | 'withDeadline'>;

/** Search attributes are missing and could not be registered. The message contains the command that registers them. */
export class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';

  constructor(
    /** The names of those that are missing or have another type. */
    readonly attributes: readonly string[],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Registers the search attributes that the namespace lacks, and waits until the server knows them: a workflow that sets an
 * unknown search attribute gets stuck. If none is missing, the function needs only the permission to count workflows. Several
 * workers may call it in parallel.
 *
 * The time-skipping test server takes search attributes, but lists none: there it adds all of them.
 *
 * @returns the names of those that were missing; of all where the server does not list them
 * @throws SearchAttributesError when they cannot be registered: there is no permission (Temporal Cloud), a name is in use
 *   with another type, or there is no room for them
 */
export async function registerSearchAttributes(connection: Services, namespace: string): Promise<string[]> {
  if ((await probe(connection, namespace)) === 'known') return [];
  let missing: OwnSearchAttributeKey[] = [];
  try {
    const found = await findMissingSearchAttributes(connection, namespace).catch((error: unknown) => {
      if (!isGrpcServiceError(error) || error.code !== GRPC_STATUS.UNIMPLEMENTED) throw error;
      return { missing: KEYS, conflicting: [], capacityProblem: undefined };
    });
    missing = found.missing;
    if (found.conflicting.length > 0) throw typeConflictError(namespace, found.conflicting);
    // Before the first registration: a namespace without room for all of them should keep its free slots.
    if (found.capacityProblem !== undefined) throw new SearchAttributesError(namesOf(missing), found.capacityProblem);
    for (const { name, type } of missing) await add(connection, namespace, name, INDEXED_VALUE_TYPES[type]);
  } catch (error) {
    if (error instanceof SearchAttributesError) throw error;
    throw registrationRejectedError(namespace, missing.length > 0 ? missing : KEYS, error);
  }
  const deadline = Date.now() + VISIBILITY_TIMEOUT_MS;
  while ((await probe(connection, namespace)) === 'unknown') {
    if (Date.now() > deadline) throw visibilityTimeoutError(namespace);
    await sleep(RECHECK_INTERVAL_MS);
  }
  return missing.map(({ name }) => name);
}

/**
 * Whether the namespace has the search attributes of this project, as far as this client may find out. It changes nothing, and
 * needs only the permission to count workflows.
 */
export async function hasSearchAttributes(connection: Services, namespace: string): Promise<boolean> {
  return (await probe(connection, namespace)) !== 'unknown';
}

/**
 * Checks that a namespace has the search attributes of this project, as far as this client may find out.
 *
 * @throws SearchAttributesError when it lacks some: the message says how to register them
 */
export async function requireSearchAttributes(connection: Services, namespace: string): Promise<void> {
  if (await hasSearchAttributes(connection, namespace)) return;
  throw new SearchAttributesError(
    namesOf(KEYS),
    `The namespace '${namespace}' lacks search attributes, and workflows that set them would get stuck. Register them with registerSearchAttributes(connection, namespace), with \`temporal-airbyte doctor --fix\`, or with ${registrationCommand(namespace, KEYS)}.`,
  );
}

/** Counts workflows by a query with all search attributes, which fails if one is unknown. It needs no special permission. */
async function probe(connection: Services, namespace: string): Promise<'known' | 'unknown' | 'cannot tell'> {
  const query = KEYS.map(({ name, type }) => `${name} = ${type === 'INT' ? '0' : `''`}`).join(' AND ');
  try {
    await withTimeout(connection, RPC_TIMEOUT_MS, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    return 'known';
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === GRPC_STATUS.INVALID_ARGUMENT) return 'unknown';
    // The time-skipping test server cannot count, and a caller may lack the permission.
    if (isGrpcServiceError(error) && CANNOT_COUNT.has(error.code)) return 'cannot tell';
    throw error;
  }
}

/** Adds one search attribute. A request with several would fail if another worker had just added one of them. */
async function add(connection: Services, namespace: string, name: string, type: number): Promise<void> {
  try {
    await withTimeout(connection, RPC_TIMEOUT_MS, () =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { [name]: type } }),
    );
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== GRPC_STATUS.ALREADY_EXISTS) throw error;
  }
}

function namesOf(keys: readonly OwnSearchAttributeKey[]): string[] {
  return keys.map(({ name }) => name);
}

export function typeConflictError(namespace: string, keys: readonly OwnSearchAttributeKey[]): SearchAttributesError {
  const names = keys.map(({ name, type }) => `${name} (needs ${TypedSearchAttributes.toMetadataType(type)})`);
  return new SearchAttributesError(
    namesOf(keys),
    `Search attributes of the namespace '${namespace}' have the names that temporal-airbyte needs, but another type: ${names.join(', ')}. Remove or rename them, or use another namespace.`,
  );
}

function visibilityTimeoutError(namespace: string): SearchAttributesError {
  return new SearchAttributesError(
    KEYS.map(({ name }) => name),
    `Search attributes were registered in the namespace '${namespace}', but Temporal does not know them ${VISIBILITY_TIMEOUT_MS / 1000} s later. Try again in a minute: until then, workflows that set them would get stuck.`,
  );
}

function registrationRejectedError(
  namespace: string,
  keys: readonly OwnSearchAttributeKey[],
  cause: unknown,
): SearchAttributesError {
  return new SearchAttributesError(
    namesOf(keys),
    `The namespace '${namespace}' lacks search attributes, and they could not be registered (${messageOf(cause)}). An operator with the permission must run: ${registrationCommand(namespace, keys)} (on Temporal Cloud: in the namespace's settings).`,
    { cause },
  );
}

function registrationCommand(namespace: string, keys: readonly OwnSearchAttributeKey[]): string {
  const flags = keys.map(({ name, type }) => `--name ${name} --type ${TypedSearchAttributes.toMetadataType(type)}`);
  return `temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`;
}
