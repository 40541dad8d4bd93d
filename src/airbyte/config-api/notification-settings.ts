import { z } from 'zod';
import { isObject } from '../../text/json-object';
import { WEBHOOK_EVENTS, type WebhookChanges, type WebhookEvent, type WorkspaceWebhooks } from '../resources';
import { looseRecord, workspaceSchema } from '../schemas';

/** The fields of the events in Airbyte's `notificationSettings`. */
const FIELDS: Record<WebhookEvent, string> = { success: 'sendOnSuccess', failure: 'sendOnFailure' };

/** Airbyte's name for a webhook of any kind, among the types of a notification. */
const WEBHOOK_TYPE = 'slack';

/** A workspace's notifications by event, with the events and fields that the client does not know. */
type NotificationSettings = Record<string, Record<string, unknown>>;

const settingsSchema = z
  .record(z.string(), z.unknown())
  .transform(
    (read): NotificationSettings =>
      Object.fromEntries(
        Object.entries(read).filter((entry): entry is [string, Record<string, unknown>] => isObject(entry[1])),
      ),
  );

/** A workspace with its notifications. */
export const notifyingWorkspaceSchema = z.intersection(
  workspaceSchema,
  looseRecord({ notificationSettings: settingsSchema.optional() }),
);

/** The webhooks that settings name. */
export function webhooksOfSettings(settings: NotificationSettings = {}): WorkspaceWebhooks {
  const webhooks = WEBHOOK_EVENTS.map((event) => {
    const item = settings[FIELDS[event]];
    const { webhook: url } = isObject(item?.['slackConfiguration']) ? item['slackConfiguration'] : {};
    return [event, typeof url === 'string' && url !== '' && { url, enabled: typesOf(item).includes(WEBHOOK_TYPE) }];
  });
  return Object.fromEntries(webhooks.filter(([, webhook]) => webhook));
}

/**
 * Changes the webhooks of some events, and keeps everything else: Airbyte replaces the settings as a whole, and gives the
 * events that are missing their defaults.
 */
export function mergeWebhooks(settings: NotificationSettings = {}, changes: WebhookChanges): NotificationSettings {
  const merged = { ...settings };
  for (const event of WEBHOOK_EVENTS) {
    const change = changes[event];
    if (change === undefined) continue;
    const { slackConfiguration: _, ...item } = settings[FIELDS[event]] ?? {};
    const others = typesOf(item).filter((type) => type !== WEBHOOK_TYPE);
    merged[FIELDS[event]] =
      change === null
        ? { ...item, notificationType: others }
        : { ...item, notificationType: [...others, WEBHOOK_TYPE], slackConfiguration: { webhook: change } };
  }
  // The server fails on an item without a list of types.
  return Object.fromEntries(
    Object.entries(merged).map(([field, item]) => [field, { ...item, notificationType: typesOf(item) }]),
  );
}

function typesOf(item: Record<string, unknown> = {}): unknown[] {
  const types = item['notificationType'];
  return Array.isArray(types) ? types : [];
}
