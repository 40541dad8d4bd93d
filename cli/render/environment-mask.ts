import { secretsOf } from '../../src/airbyte/auth';
import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { secretResolverFromEnvironment } from '../../src/secrets/secret-resolver';
import { type KnownSecret, type Mask, SecretMask, type SecretSource } from '../../src/text/masking/secret-mask';

/** Takes the secrets of this shell's environment out of what a command shows. */
export function maskOfEnvironment(env: NodeJS.ProcessEnv): Mask {
  return new SecretMask(secretsOfEnvironment(env)).mask;
}

/**
 * The secrets that say who we are to Airbyte and to Temporal, and those that a worker with the same environment would give
 * out.
 */
export function secretsOfEnvironment(env: NodeJS.ProcessEnv): SecretSource {
  const apiKey = env['TEMPORAL_API_KEY'];
  const own = ifValid<KnownSecret[]>(() => {
    const { auth = { kind: 'none' } } = airbyteOptionsFromEnvironment({ ...env, AIRBYTE_URL: 'http://localhost' });
    return secretsOf(auth);
  });
  const lent = ifValid(() => secretResolverFromEnvironment(env).known);
  return () => [...(apiKey ? [{ name: 'TEMPORAL_API_KEY', value: apiKey }] : []), ...(own ?? []), ...(lent?.() ?? [])];
}

/** A setting that cannot be used is told by the command that needs it. */
function ifValid<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
