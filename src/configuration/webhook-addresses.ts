import { type Environment, InvalidEnvironmentError, readCredential, readVariable } from './read-variable';

/** Where a worker listens for Airbyte's notifications. */
export interface WebhookListenerSettings {
  host: string;
  port: number;
  /** The last part of the path that notifications are sent to. */
  secret: string;
}

/** By which address Airbyte reaches the workers. */
export interface WebhookTarget {
  /** Without a slash at its end. */
  baseUrl: string;
  secret: string;
}

/**
 * Reads where the worker listens; undefined: it does not.
 *
 * @throws InvalidEnvironmentError
 */
export function webhookListenerSettings(env: Environment): WebhookListenerSettings | undefined {
  const port = readVariable(env, 'AIRBYTE_WEBHOOK_PORT');
  if (port === undefined) return undefined;
  return { host: readVariable(env, 'AIRBYTE_WEBHOOK_HOST'), port, secret: readSecret(env, 'AIRBYTE_WEBHOOK_PORT') };
}

/**
 * Reads where Airbyte is to send its notifications.
 *
 * @throws InvalidEnvironmentError
 */
export function webhookTarget(env: Environment): WebhookTarget {
  const baseUrl = readVariable(env, 'AIRBYTE_WEBHOOK_URL');
  if (baseUrl === undefined) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_WEBHOOK_URL',
      'is not set. Set it to the address by which Airbyte reaches the workers, like http://airbyte-worker:8400.',
    );
  }
  return { baseUrl, secret: readSecret(env, 'AIRBYTE_WEBHOOK_URL') };
}

function readSecret(env: Environment, needingVariable: string): string {
  const secret = readCredential(env, 'AIRBYTE_WEBHOOK_SECRET');
  if (secret !== undefined) return secret;
  throw new InvalidEnvironmentError(
    'AIRBYTE_WEBHOOK_SECRET',
    `is not set, and ${needingVariable} is. Set it (or AIRBYTE_WEBHOOK_SECRET_FILE) to a secret of your own, the same for the workers and for \`temporal-airbyte webhook\`: openssl rand -hex 24`,
  );
}
