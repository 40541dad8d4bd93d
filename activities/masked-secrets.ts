import { log } from '@temporalio/activity';
import type { SecretMask } from '../src/masking/secret-mask';
import type { SecretResolver } from '../src/pipeline/secrets';

/**
 * The worker's secrets, masked together with those of its Airbyte client: the client masks them in every response, and this
 * the credentials of the client. A secret that cannot be masked wholly is told by its name when it is resolved.
 */
export function maskedTogether(secrets: SecretResolver, masking: SecretMask): SecretResolver {
  masking.add(secrets.known);
  return {
    ...secrets,
    mask: masking.mask,
    resolve(configuration, path, recipient) {
      const resolved = secrets.resolve(configuration, path, recipient);
      for (const { name, problem } of masking.untoldWeakSecrets()) log.warn(`The secret ${name} ${problem}.`);
      return resolved;
    },
  };
}
