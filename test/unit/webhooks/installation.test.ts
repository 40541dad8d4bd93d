import { beforeEach, describe, expect, test } from '@jest/globals';
import { AirbyteError } from '../../../src/airbyte/errors';
import type { WebhookChanges, Webhooks, WebhookTrial, WorkspaceWebhooks } from '../../../src/airbyte/resources';
import { WebhookInstallation } from '../../../src/webhooks/installation';

const TARGET = { baseUrl: 'http://worker:8400', secret: 'a-secret-of-ours-1' };
const OURS = 'http://worker:8400/airbyte/a-secret-of-ours-1';
const SLACK = { url: 'https://hooks.slack.com/services/T/B/X', enabled: true };

/** The webhooks of one workspace in memory. */
class ScriptedWebhooks implements Webhooks {
  readonly written: WebhookChanges[] = [];
  trial: WebhookTrial | Error = { accepted: true };

  constructor(public actual: WorkspaceWebhooks = {}) {}

  async get(): Promise<WorkspaceWebhooks> {
    return this.actual;
  }

  async set(_workspaceId: string, changes: WebhookChanges): Promise<WorkspaceWebhooks> {
    this.written.push(changes);
    const entries = Object.entries(changes).map(([event, url]) => [event, url && { url, enabled: true }]);
    this.actual = { ...this.actual, ...Object.fromEntries(entries) };
    return Object.fromEntries(Object.entries(this.actual).filter(([, webhook]) => webhook));
  }

  async try(): Promise<WebhookTrial> {
    if (this.trial instanceof Error) throw this.trial;
    return this.trial;
  }
}

let webhooks: ScriptedWebhooks;
let installation: WebhookInstallation;

function having(actual: WorkspaceWebhooks): void {
  webhooks = new ScriptedWebhooks(actual);
  installation = new WebhookInstallation(webhooks, TARGET);
}

beforeEach(() => having({}));

describe('the installation', () => {
  test('adds both webhooks, after a test notification has arrived', async () => {
    expect(await installation.install('w')).toEqual({
      events: { success: 'installed', failure: 'installed' },
      delivered: true,
    });
    expect(webhooks.written).toEqual([{ success: OURS, failure: OURS }]);
  });

  test('changes nothing when it is repeated', async () => {
    await installation.install('w');
    await installation.install('w');
    expect(webhooks.written).toHaveLength(1);
  });

  test('replaces a webhook of the workers with another secret, and enables a disabled one', async () => {
    having({
      success: { url: 'http://worker:8400/airbyte/the-former-secret', enabled: true },
      failure: { url: OURS, enabled: false },
    });
    expect((await installation.status('w')).events).toEqual({ success: 'outdated', failure: 'outdated' });
    expect((await installation.install('w')).events).toEqual({ success: 'installed', failure: 'installed' });
  });

  test('keeps the webhook of another service, and says where it leads without its secrets', async () => {
    having({ failure: SLACK });
    const failure = expect.objectContaining({
      type: 'AirbyteConflict',
      message: expect.stringContaining('already notifies https://hooks.slack.com/… of each sync with a failure'),
    });
    await expect(installation.install('w')).rejects.toEqual(failure);
    expect(webhooks.written).toEqual([]);
  });

  test('is rejected if a test notification does not arrive', async () => {
    webhooks.trial = { accepted: false, message: 'Connection refused' };
    const failure = expect.objectContaining({
      type: 'AirbyteUnavailable',
      message: expect.stringMatching(/http:\/\/worker:8400\/… \(Connection refused\), so nothing was installed/),
    });
    await expect(installation.install('w')).rejects.toEqual(failure);
    expect(webhooks.written).toEqual([]);
  });

  test('does without a test notification on a server that has none', async () => {
    webhooks.trial = new AirbyteError({
      ...{
        type: 'AirbyteUnsupported',
        call: 'notifications/try_webhook',
        message: 'no',
        retryable: false,
        effect: 'none',
      },
    });
    expect(await installation.install('w')).toEqual({ events: { success: 'installed', failure: 'installed' } });
  });
});

describe('the status', () => {
  test('sends a test notification only if a webhook is installed', async () => {
    webhooks.trial = new Error('must not be sent');
    expect(await installation.status('w')).toEqual({ events: { success: 'missing', failure: 'missing' } });
    having({ success: { url: OURS, enabled: true }, failure: SLACK });
    webhooks.trial = { accepted: false };
    expect(await installation.status('w')).toEqual({
      events: { success: 'installed', failure: 'other' },
      delivered: false,
    });
  });
});

describe('the removal', () => {
  test('removes the webhooks of the workers, and no others', async () => {
    having({ success: { url: 'http://worker:8400/airbyte/the-former-secret', enabled: true }, failure: SLACK });
    expect(await installation.remove('w')).toEqual({ events: { success: 'missing', failure: 'other' } });
    expect(webhooks.written).toEqual([{ success: null }]);
  });

  test('changes nothing if there are none', async () => {
    having({ success: SLACK });
    await installation.remove('w');
    expect(webhooks.written).toEqual([]);
  });
});
