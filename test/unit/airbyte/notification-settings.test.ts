import { describe, expect, test } from '@jest/globals';
import { mergeWebhooks, webhooksOfSettings } from '../../../src/airbyte/config-api/notification-settings';

const OURS = 'http://worker:8400/airbyte/secret';

/** As a workspace has them whose owner gets mails, and whose team gets failures in Slack. */
const SETTINGS = {
  sendOnSuccess: { notificationType: [] },
  sendOnFailure: {
    notificationType: ['customerio', 'slack'],
    slackConfiguration: { webhook: 'https://hooks.slack.com/services/T/B/X' },
  },
  sendOnSyncDisabled: { notificationType: ['customerio'], customerioConfiguration: {} },
  sendOnSomethingNew: { notificationType: ['customerio'], pagerConfiguration: { level: 1 } },
};

describe('the webhooks in the notification settings of a workspace', () => {
  test('are those that have a URL', () => {
    const disabled = { notificationType: ['customerio'], slackConfiguration: { webhook: OURS } };
    expect(webhooksOfSettings({ ...SETTINGS, sendOnSuccess: disabled })).toEqual({
      success: { url: OURS, enabled: false },
      failure: { url: 'https://hooks.slack.com/services/T/B/X', enabled: true },
    });
    expect(webhooksOfSettings(undefined)).toEqual({});
    expect(webhooksOfSettings({ sendOnFailure: { slackConfiguration: { webhook: '' } } })).toEqual({});
  });

  test('change without a change of what is sent otherwise', () => {
    expect(mergeWebhooks(SETTINGS, { success: OURS })).toEqual({
      ...SETTINGS,
      sendOnSuccess: { notificationType: ['slack'], slackConfiguration: { webhook: OURS } },
    });
    expect(mergeWebhooks(SETTINGS, { failure: null })).toEqual({
      ...SETTINGS,
      sendOnFailure: { notificationType: ['customerio'] },
    });
  });

  test('are the same after a second change to the same', () => {
    const once = mergeWebhooks(SETTINGS, { success: OURS, failure: OURS });
    expect(mergeWebhooks(once, { success: OURS, failure: OURS })).toEqual(once);
    expect(mergeWebhooks(once, { success: null })).toMatchObject({ sendOnSuccess: { notificationType: [] } });
  });

  test('get the list of types that the server cannot do without', () => {
    expect(mergeWebhooks({ sendOnSyncDisabled: {} }, { success: OURS })).toMatchObject({
      sendOnSyncDisabled: { notificationType: [] },
    });
  });
});
