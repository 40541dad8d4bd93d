import { z } from 'zod';
import type { CallOptions } from '../calls';
import { toUnsupportedError } from '../errors';
import type { WebhookChanges, WebhookEvent, Webhooks, WebhookTrial, WorkspaceWebhooks } from '../resources';
import { looseRecord } from '../schemas';
import type { ConfigApi } from './config-api';
import { mergeWebhooks, notifyingWorkspaceSchema, webhooksOfSettings } from './notification-settings';

const TRIGGERS: Record<WebhookEvent, string> = { success: 'sync_success', failure: 'sync_failure' };

const trialSchema = looseRecord({ status: z.string(), message: z.string().optional() });

export class ConfigWebhooks implements Webhooks {
  readonly #api: ConfigApi;

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  async get(workspaceId: string, options?: CallOptions): Promise<WorkspaceWebhooks> {
    const { notificationSettings } = await this.#read(workspaceId, options);
    return webhooksOfSettings(notificationSettings);
  }

  async set(workspaceId: string, changes: WebhookChanges, options?: CallOptions): Promise<WorkspaceWebhooks> {
    const { notificationSettings: before } = await this.#read(workspaceId, options);
    const update = { workspaceId, notificationSettings: mergeWebhooks(before, changes) };
    const { notificationSettings } = await this.#api.post(
      'workspaces/update',
      'write',
      update,
      notifyingWorkspaceSchema,
      options,
    );
    return webhooksOfSettings(notificationSettings);
  }

  async try(url: string, event: WebhookEvent, options?: CallOptions): Promise<WebhookTrial> {
    const request = { notificationTrigger: TRIGGERS[event], slackConfiguration: { webhook: url } };
    try {
      const trial = await this.#api.post('notifications/try_webhook', 'write', request, trialSchema, options);
      return { accepted: trial.status === 'succeeded', message: trial.message };
    } catch (error) {
      throw toUnsupportedError(error, 'Airbyte sends test notifications to webhooks since 0.63.');
    }
  }

  #read(workspaceId: string, options: CallOptions | undefined) {
    return this.#api.post('workspaces/get', 'read', { workspaceId }, notifyingWorkspaceSchema, options);
  }
}
