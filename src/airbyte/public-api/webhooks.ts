import { z } from 'zod';
import type { CallOptions } from '../calls';
import {
  WEBHOOK_EVENTS,
  type WebhookChanges,
  type WebhookEvent,
  type Webhooks,
  type WebhookTrial,
  type WorkspaceWebhooks,
} from '../resources';
import { looseRecord } from '../schemas';
import { type PublicApi, USE_CONFIG_API } from './public-api';

const eventSchema = looseRecord({
  webhook: looseRecord({ enabled: z.boolean().optional(), url: z.string().optional() }).optional(),
}).optional();

const workspaceSchema = looseRecord({
  notifications: looseRecord({ success: eventSchema, failure: eventSchema }).optional(),
});

export class PublicWebhooks implements Webhooks {
  readonly #api: PublicApi;

  constructor(api: PublicApi) {
    this.#api = api;
  }

  async get(workspaceId: string, options?: CallOptions): Promise<WorkspaceWebhooks> {
    const path = pathOf(workspaceId);
    return this.#webhooksOf(await this.#api.get(path, {}, workspaceSchema, options), `GET ${path}`);
  }

  /** Airbyte merges what it is sent into what is there. It cannot remove a URL, but an empty one is never called. */
  async set(workspaceId: string, changes: WebhookChanges, options?: CallOptions): Promise<WorkspaceWebhooks> {
    const path = pathOf(workspaceId);
    const notifications = WEBHOOK_EVENTS.flatMap((event) => {
      const url = changes[event];
      if (url === undefined) return [];
      return [[event, { webhook: url === null ? { enabled: false, url: '' } : { enabled: true, url } }]];
    });
    const request = { notifications: Object.fromEntries(notifications) };
    return this.#webhooksOf(await this.#api.patch(path, request, workspaceSchema, options), `PATCH ${path}`);
  }

  async try(_url: string, _event: WebhookEvent): Promise<WebhookTrial> {
    throw this.#api.unsupported('notifications/try_webhook', 'A test notification', USE_CONFIG_API);
  }

  /** @throws AirbyteError `AirbyteUnsupported` if the server does not show notifications, as before 1.6 */
  #webhooksOf({ notifications }: z.output<typeof workspaceSchema>, call: string): WorkspaceWebhooks {
    if (notifications === undefined) {
      throw this.#api.unsupported(
        call,
        "A workspace's webhooks",
        `Airbyte's public API has them since 1.6. ${USE_CONFIG_API}`,
      );
    }
    const webhooks = WEBHOOK_EVENTS.flatMap((event) => {
      const { url = '', enabled = false } = notifications[event]?.webhook ?? {};
      return url === '' ? [] : [[event, { url, enabled }]];
    });
    return Object.fromEntries(webhooks);
  }
}

function pathOf(workspaceId: string): string {
  return `workspaces/${encodeURIComponent(workspaceId)}`;
}
