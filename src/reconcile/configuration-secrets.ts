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

/** A configuration that is to be sent, and for which connector. */
type ConfigurationToSend = Pick<DesiredActor, 'configuration' | 'pipeline'> &
  Partial<Pick<DesiredActor, 'definitionId' | 'workspaceId'>>;

/**
 * A configuration with its secrets in it: to be sent, and nothing else.
 *
 * @throws DomainError of type `InvalidInput` when a secret stands in the configuration as it is
 * @throws SecretError when a secret that it names cannot be resolved, or may not go there by the worker's rules
 */
export async function resolveSecrets(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: ConfigurationToSend,
): Promise<Record<string, unknown>> {
  const { configuration, pipeline } = wanted;
  const path = [calls.kind, 'configuration'];
  assertNoLiterals(findLiteralSecrets(configuration, path).map(formatPath));
  if (secrets.rules === undefined) return secrets.resolve(configuration, path);
  const definition = secrets.rules.needsDefinition(configuration) ? await namesOfDefinition(calls, wanted) : undefined;
  return secrets.resolve(configuration, path, { pipeline, definition });
}

/** What a rule may call the connector. It is asked of Airbyte, since a caller may say anything. */
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
 * Sends an actor's configuration anew.
 *
 * @param get reads the actor, where rules ask which connector it is made of
 */
export async function updateActor<T>(
  calls: ActorCalls,
  secrets: SecretResolver,
  configuration: Record<string, unknown>,
  steps: {
    get(): Promise<Partial<Pick<DesiredActor, 'definitionId' | 'workspaceId'>>>;
    update(resolved: Record<string, unknown>): Promise<T>;
  },
): Promise<T> {
  const actor = secrets.rules?.needsDefinition(configuration) ? await steps.get() : {};
  return steps.update(await resolveSecrets(calls, secrets, { ...actor, configuration }));
}

/**
 * Names alone do not tell every secret: the connector's specification does, where the server gives it.
 *
 * @returns the specification
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
