import { secretsOf } from '../../src/airbyte/auth';
import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { readCredential } from '../../src/configuration/read-variable';
import { secretResolverFromEnvironment } from '../../src/secrets/secret-resolver';
import { type KnownSecret, type Mask, SecretMask, type SecretSource } from '../../src/text/masking/secret-mask';

/** Masks the secrets of this shell's environment in the output of a command. */
export function maskOfEnvironment(env: NodeJS.ProcessEnv): Mask {
  return new SecretMask(secretsOfEnvironment(env)).mask;
}

/**
 * The credentials for Airbyte and Temporal, and the secrets that a worker with the same environment would resolve in
 * documents.
 */
export function secretsOfEnvironment(env: NodeJS.ProcessEnv): SecretSource {
  const apiKey = env['TEMPORAL_API_KEY'];
  const webhookSecret = ifValid(() => readCredential(env, 'AIRBYTE_WEBHOOK_SECRET'));
  const codecToken = ifValid(() => readCredential(env, 'AIRBYTE_CODEC_TOKEN'));
  const own = ifValid<KnownSecret[]>(() => {
    const { auth = { kind: 'none' }, extraHeaders } = airbyteOptionsFromEnvironment({
      ...env,
      AIRBYTE_URL: 'http://localhost',
    });
    return [...secretsOf(auth), ...(extraHeaders?.secrets() ?? [])];
  });
  const resolvable = ifValid(() => secretResolverFromEnvironment(env).known);
  return () => [
    ...(apiKey ? [{ name: 'TEMPORAL_API_KEY', value: apiKey }] : []),
    ...(webhookSecret ? [{ name: 'AIRBYTE_WEBHOOK_SECRET', value: webhookSecret }] : []),
    ...(codecToken ? [{ name: 'AIRBYTE_CODEC_TOKEN', value: codecToken }] : []),
    ...(own ?? []),
    ...(resolvable?.() ?? []),
  ];
}

/** Ignores an invalid setting here: the command that needs it reports it. */
function ifValid<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
