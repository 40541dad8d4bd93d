import { isUnsupportedEndpoint } from '../airbyte/errors';
import { WEBHOOK_EVENTS, type Webhook, type WebhookEvent, type Webhooks } from '../airbyte/resources';
import type { WebhookTarget } from '../configuration/webhook-addresses';
import { DomainError } from '../contract/domain-error';
import { leadsToWorkers, webhookUrl, withoutPath } from './webhook-address';

/**
 * What Airbyte does at an event.
 *
 * - `installed`: it notifies the workers
 * - `outdated`: it would notify the workers with another secret, or their webhook is disabled
 * - `other`: it notifies another address, and an event has room for one
 * - `missing`: it calls no webhook
 */
export type EventState = 'installed' | 'outdated' | 'other' | 'missing';

/** The webhooks of a workspace, compared with where the workers listen. */
export interface WebhookStatus {
  events: Record<WebhookEvent, EventState>;
  /**
   * Whether a test notification has arrived; left out if it was not sent, because no webhook is installed or the server has no
   * test notifications.
   */
  delivered?: boolean;
  /** Airbyte's reason why it has not arrived, if it gives one. */
  reason?: string;
}

/** Installs and removes the webhooks by which Airbyte notifies the workers of ended syncs. */
export class WebhookInstallation {
  readonly #url: string;

  constructor(
    private readonly webhooks: Webhooks,
    private readonly target: WebhookTarget,
  ) {
    this.#url = webhookUrl(target.baseUrl, target.secret);
  }

  async status(workspaceId: string): Promise<WebhookStatus> {
    const events = this.#states(await this.webhooks.get(workspaceId));
    const isInstalled = WEBHOOK_EVENTS.some((event) => events[event] === 'installed');
    return { events, ...(isInstalled && (await this.#tryDelivery())) };
  }

  /**
   * Lets Airbyte notify the workers of syncs that have succeeded or failed. Other notifications stay as they are.
   *
   * @throws DomainError `AirbyteConflict` if Airbyte notifies another address of these events; `AirbyteUnavailable` if a test
   * notification does not arrive
   */
  async install(workspaceId: string): Promise<WebhookStatus> {
    const before = await this.webhooks.get(workspaceId);
    const states = this.#states(before);
    for (const event of WEBHOOK_EVENTS) if (states[event] === 'other') throw otherWebhookError(event, before[event]);
    // A webhook that does not respond would delay the completion of each job.
    const trial = await this.#tryDelivery();
    if (trial.delivered === false) throw this.#undeliveredError(trial.reason);
    const changed = WEBHOOK_EVENTS.filter((event) => states[event] !== 'installed');
    if (changed.length === 0) return { events: states, ...trial };
    const after = await this.webhooks.set(workspaceId, Object.fromEntries(changed.map((event) => [event, this.#url])));
    return { events: this.#states(after), ...trial };
  }

  /** Removes the webhooks that lead to the workers, and no others. */
  async remove(workspaceId: string): Promise<WebhookStatus> {
    const before = await this.webhooks.get(workspaceId);
    const ours = WEBHOOK_EVENTS.filter((event) => leadsToWorkers(before[event]?.url ?? '', this.target.baseUrl));
    if (ours.length === 0) return { events: this.#states(before) };
    const after = await this.webhooks.set(workspaceId, Object.fromEntries(ours.map((event) => [event, null])));
    return { events: this.#states(after) };
  }

  #states(webhooks: Partial<Record<WebhookEvent, Webhook>>): Record<WebhookEvent, EventState> {
    return { success: this.#state(webhooks.success), failure: this.#state(webhooks.failure) };
  }

  #state({ url, enabled }: Webhook = { url: '', enabled: false }): EventState {
    if (url === this.#url && enabled) return 'installed';
    if (leadsToWorkers(url, this.target.baseUrl)) return 'outdated';
    return enabled ? 'other' : 'missing';
  }

  async #tryDelivery(): Promise<Pick<WebhookStatus, 'delivered' | 'reason'>> {
    try {
      const { accepted, message } = await this.webhooks.try(this.#url, 'success');
      return { delivered: accepted, ...(!accepted && message !== undefined && { reason: message }) };
    } catch (error) {
      if (isUnsupportedEndpoint(error)) return {};
      throw error;
    }
  }

  #undeliveredError(reason: string | undefined): DomainError {
    const given = reason === undefined ? '' : ` (${reason})`;
    return new DomainError(
      'AirbyteUnavailable',
      `Airbyte cannot deliver a test notification to ${withoutPath(this.#url)}${given}, so nothing was installed. Start a worker with AIRBYTE_WEBHOOK_PORT and the same AIRBYTE_WEBHOOK_SECRET, and set AIRBYTE_WEBHOOK_URL to an address of it that Airbyte's server reaches. The worker listens on 127.0.0.1 unless AIRBYTE_WEBHOOK_HOST says otherwise.`,
    );
  }
}

function otherWebhookError(event: WebhookEvent, { url }: Webhook = { url: '', enabled: false }): DomainError {
  return new DomainError(
    'AirbyteConflict',
    `Airbyte already notifies ${withoutPath(url)} of each sync with ${event === 'success' ? 'a success' : 'a failure'}, and has room for one webhook at each event, so nothing was installed. Remove that webhook in Airbyte's settings under Notifications if it is not needed.`,
  );
}
