import { z } from 'zod';
import { type ApiCalls, defineCall } from './call';

const trigger = z.enum([
  ...(['sync_success', 'sync_failure', 'sync_disabled', 'sync_disabled_warning'] as const),
  ...(['connection_update', 'connection_update_action_required'] as const),
]);

/** `notifications/…` */
export const notificationCalls: ApiCalls = {
  'notifications/try_webhook': defineCall(
    z.looseObject({ notificationTrigger: trigger, slackConfiguration: z.looseObject({ webhook: z.string() }) }),
    async ({ notificationTrigger, slackConfiguration }, { notifications, signal }) => {
      const success = notificationTrigger === 'sync_success';
      const accepted = await notifications.sendTest(slackConfiguration.webhook, success, signal);
      return { status: accepted ? 'succeeded' : 'failed' };
    },
  ),
};
