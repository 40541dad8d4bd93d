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

/** A server reads what was registered from a cache that it refreshes about once a minute. */
const VISIBILITY_TIMEOUT_MS = 90_000;
const RECHECK_INTERVAL_MS = 500;

/** A client's connection, or a worker's. */
type Services = Pick<Connection, 'workflowService' | 'operatorService' | 'withDeadline'>;

/** The search attributes are missing and could not be registered. The message has the commands that register them. */
export class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';

  constructor(
    /** Names of those that are missing or of another type; empty when the server would not tell. */
    readonly attributes: readonly string[],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Registers those of our search attributes that the namespace lacks, and waits until the server knows them: a workflow
 * that sets an unknown one gets stuck. Where all are there it needs no more than the right to count workflows, and it
 * may be run by any number of workers at once.
 *
 * @returns the names of those that were missing
 * @throws SearchAttributesError when they cannot be registered: no permission (Temporal Cloud), a name in use, or no slot
 *   left for them
 */
export async function registerSearchAttributes(connection: Services, namespace: string): Promise<string[]> {
  if ((await probe(connection, namespace)) === 'known') return [];
  let missing: OwnSearchAttributeKey[] = [];
  try {
    const found = await findMissingSearchAttributes(connection, namespace);
    missing = found.missing;
    if (found.conflicting.length > 0) throw typeConflictError(namespace, found.conflicting);
    // Before the first of them: those that fit would take the slots of a namespace that is of no use to us.
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

/** Asks with a query that names them all; it reads nothing, and whoever may run workflows may ask. */
async function probe(connection: Services, namespace: string): Promise<'known' | 'unknown' | 'cannot tell'> {
  const query = KEYS.map(({ name, type }) => `${name} = ${type === 'INT' ? '0' : `''`}`).join(' AND ');
  try {
    await withTimeout(connection, RPC_TIMEOUT_MS, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    return 'known';
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === GRPC_STATUS.INVALID_ARGUMENT) return 'unknown';
    // The time-skipping test server cannot count.
    if (isGrpcServiceError(error) && error.code === GRPC_STATUS.UNIMPLEMENTED) return 'cannot tell';
    throw error;
  }
}

/** One at a time: of several in one request, one that somebody else has just added would hold up the others. */
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
    `Search attributes of the namespace '${namespace}' have our names and another type: ${names.join(', ')}. Remove or rename them, or use another namespace.`,
  );
}

function visibilityTimeoutError(namespace: string): SearchAttributesError {
  return new SearchAttributesError(
    KEYS.map(({ name }) => name),
    `Search attributes were registered in the namespace '${namespace}', but Temporal did not know them ${VISIBILITY_TIMEOUT_MS / 1000} s later. Try again in a minute; workflows that set them would get stuck until then.`,
  );
}

function registrationRejectedError(
  namespace: string,
  keys: readonly OwnSearchAttributeKey[],
  cause: unknown,
): SearchAttributesError {
  const flags = keys.map(({ name, type }) => `--name ${name} --type ${TypedSearchAttributes.toMetadataType(type)}`);
  return new SearchAttributesError(
    namesOf(keys),
    `The namespace '${namespace}' lacks search attributes, and they could not be registered (${messageOf(cause)}). Have somebody who may do it: temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')} (on Temporal Cloud: in the namespace's settings).`,
    { cause },
  );
}
