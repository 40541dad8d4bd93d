import { log } from '@temporalio/activity';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import type { SecretMask } from '../src/text/masking/secret-mask';
import { mapLeaves } from '../src/text/secrets/secret-references';

/**
 * The worker's secrets, masked together with those of its Airbyte client: the client masks them in every response, and this
 * the credentials of the client. A secret that cannot be masked wholly is told by its name when it is resolved.
 */
export function withClientSecrets(secrets: SecretResolver, masking: SecretMask): SecretResolver {
  masking.add(secrets.known);
  return {
    ...secrets,
    mask: masking.mask,
    resolve(configuration, path, recipient) {
      const resolved = secrets.resolve(configuration, path, recipient);
      for (const { name, problem } of masking.newWeakSecrets()) log.warn(`The secret ${name} ${problem}.`);
      return resolved;
    },
  };
}

/**
 * What an activity gives back, and what thereby is in the history for all time. Responses come without secrets in their
 * texts; this is for the names and other data in them.
 */
export function maskResult<T>(result: T, mask: SecretResolver['mask']): T {
  const text = JSON.stringify(result);
  if (text === undefined || mask(text) === text) return result;
  return mapLeaves(result, [], (value) => (typeof value === 'string' ? mask(value) : value)) as T;
}
