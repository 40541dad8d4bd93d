import { AirbyteError } from '../airbyte/errors';
import { ifSupported } from '../airbyte/lookup/optional-responses';
import type { DesiredActor } from '../contract/actor';
import { DomainError } from '../contract/domain-error';
import type { SecretResolver } from '../secrets/secret-resolver';
import { formatPath } from '../text/field-path';
import {
  findLiteralSecrets,
  findLiteralSecretsBySpecification,
  secretReferenceAdvice,
} from '../text/secrets/literal-secrets';
import type { ActorCalls } from './actor-calls';

/** A configuration, and the connector to which it is sent. */
type ConfigurationToSend = Pick<DesiredActor, 'configuration' | 'pipeline'> &
  Partial<Pick<DesiredActor, 'definitionId' | 'workspaceId'>>;

/**
 * Resolves the secrets of a configuration. The result serves only to be sent to Airbyte.
 *
 * @throws DomainError `InvalidInput` when the configuration contains a literal secret
 * @throws SecretError when a secret cannot be resolved, or the worker's rules forbid it in this field
 */
export async function resolveSecrets(
  calls: ActorCalls,
  secrets: SecretResolver,
  desired: ConfigurationToSend,
): Promise<Record<string, unknown>> {
  const { configuration, pipeline } = desired;
  const path = [calls.kind, 'configuration'];
  assertNoLiterals(findLiteralSecrets(configuration, path).map(formatPath));
  if (secrets.rules === undefined) return secrets.resolve(configuration, path);
  const definition = secrets.rules.needsDefinition(configuration) ? await namesOfDefinition(calls, desired) : undefined;
  return secrets.resolve(configuration, path, { pipeline, definition });
}

/** The names that rules may use for the connector. They come from Airbyte, because the caller's input is not trusted. */
async function namesOfDefinition(
  calls: ActorCalls,
  { definitionId, workspaceId }: ConfigurationToSend,
): Promise<string[] | undefined> {
  if (definitionId === undefined) return undefined;
  const definitions = workspaceId === undefined ? [] : ((await ifSupported(calls.definitions(workspaceId))) ?? []);
  const { name, dockerRepository } = definitions.find((each) => each.definitionId === definitionId) ?? {};
  return [name, definitionId, dockerRepository].filter((each) => each !== undefined);
}

/**
 * Rejects literal secrets in the fields that the connector's specification marks as secret, if the server has specifications.
 * The names of fields alone do not show every secret.
 *
 * @returns the specification
 * @throws DomainError `InvalidInput`
 */
export async function assertNoLiteralSecrets(
  calls: ActorCalls,
  { definitionId, workspaceId, configuration }: DesiredActor,
): Promise<unknown> {
  const specification = await calls.specification(definitionId, workspaceId).catch((error: unknown) => {
    if (error instanceof AirbyteError && !error.retryable) return undefined;
    throw error;
  });
  assertNoLiterals(findLiteralSecretsBySpecification(configuration, specification, [calls.kind, 'configuration']));
  return specification;
}

function assertNoLiterals(paths: string[]): void {
  if (paths.length > 0) {
    throw new DomainError('InvalidInput', paths.map((path) => `${path} ${secretReferenceAdvice(path)}.`).join('\n'));
  }
}
