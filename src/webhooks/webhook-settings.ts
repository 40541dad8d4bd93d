import { readFileSync } from 'node:fs';
import { type Environment, InvalidEnvironmentError, readVariable } from '../configuration/read-variable';
import { type WebhookListenerSettings, webhookListenerSettings } from '../configuration/webhook-addresses';
import { type WebhookRoute, webhookRoutesSchema } from '../contract/webhook-routes';
import { decodeDocumentText } from '../documents/document-text';
import { parseDocumentWith } from '../documents/parse-document';
import { messageOf } from '../text/error-message';

/** What a worker does with Airbyte's notifications. */
export interface WebhookSettings {
  /** Where it listens for them; left out: it does not. */
  listener?: WebhookListenerSettings;
  /** Which workflows start when syncs have ended. */
  routes?: WebhookRoute[];
}

/**
 * Reads the variables of the group `Webhooks`, and the file of routes.
 *
 * @throws InvalidEnvironmentError
 */
export function webhookSettings(env: Environment): WebhookSettings {
  const listener = webhookListenerSettings(env);
  const routesFile = readVariable(env, 'AIRBYTE_WEBHOOK_ROUTES');
  return {
    ...(listener !== undefined && { listener }),
    ...(routesFile !== undefined && { routes: readRoutes(routesFile) }),
  };
}

function readRoutes(file: string): WebhookRoute[] {
  try {
    return parseDocumentWith(webhookRoutesSchema(), decodeDocumentText(readFileSync(file), file), file).routes;
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_WEBHOOK_ROUTES', `cannot be used: ${messageOf(error)}`);
  }
}
