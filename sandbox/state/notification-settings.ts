import { z } from 'zod';

/** The events of a workspace, as the public API names them, and their fields in the Config API. */
const PUBLIC_EVENTS = {
  failure: 'sendOnFailure',
  success: 'sendOnSuccess',
  connectionUpdate: 'sendOnConnectionUpdate',
  connectionUpdateActionRequired: 'sendOnConnectionUpdateActionRequired',
  syncDisabled: 'sendOnSyncDisabled',
  syncDisabledWarning: 'sendOnSyncDisabledWarning',
} as const;

/** Only the Config API shows these. */
const CONFIG_EVENTS = ['sendOnBreakingChangeWarning', 'sendOnBreakingChangeSyncsDisabled'] as const;

/** Airbyte sends no mail for a success by default. */
const EVENT_WITHOUT_MAIL = 'sendOnSuccess';

type ConfigEvent = (typeof PUBLIC_EVENTS)[keyof typeof PUBLIC_EVENTS] | (typeof CONFIG_EVENTS)[number];

const ALL_EVENTS: readonly ConfigEvent[] = [...Object.values(PUBLIC_EVENTS), ...CONFIG_EVENTS];

/** How one event is sent. `slack` stands for any webhook, and `customerio` for mail. */
interface NotificationItem {
  notificationType: ('slack' | 'customerio')[];
  slackConfiguration?: { webhook: string } | undefined;
}

/** Which events of a workspace send notifications, and how, as the Config API has them. */
export type NotificationSettings = Partial<Record<ConfigEvent, NotificationItem>>;

const item = z.object({
  // The server fails with a null pointer where an item has no list of types.
  notificationType: z.array(z.enum(['slack', 'customerio'])),
  slackConfiguration: z.object({ webhook: z.string() }).optional(),
});

/** The settings in a request of the Config API. */
export const notificationSettings: z.ZodType<NotificationSettings> = z.partialRecord(z.enum(ALL_EVENTS), item);

const publicItem = z.object({
  email: z.object({ enabled: z.boolean().optional() }).optional(),
  webhook: z.object({ enabled: z.boolean().optional(), url: z.string().optional() }).optional(),
});

/** The settings in a request of the public API. */
export const publicNotifications = z.partialRecord(
  z.enum(Object.keys(PUBLIC_EVENTS) as (keyof typeof PUBLIC_EVENTS)[]),
  publicItem,
);

/** The settings of a new workspace, and those that stand for events which a workspace leaves out. */
export function withDefaults(given: NotificationSettings): NotificationSettings {
  const defaults = ALL_EVENTS.map((event) => [
    event,
    { notificationType: event === EVENT_WITHOUT_MAIL ? [] : ['customerio'] },
  ]);
  return { ...Object.fromEntries(defaults), ...given };
}

/** Merges a request of the public API, which changes only what it names. */
export function mergePublicNotifications(
  settings: NotificationSettings,
  changes: z.output<typeof publicNotifications>,
): NotificationSettings {
  const merged = { ...settings };
  for (const [event, change] of Object.entries(changes)) {
    const field = PUBLIC_EVENTS[event as keyof typeof PUBLIC_EVENTS];
    if (change !== undefined) merged[field] = mergeItem(merged[field] ?? { notificationType: [] }, change);
  }
  return merged;
}

function mergeItem(
  { notificationType, slackConfiguration }: NotificationItem,
  { email, webhook }: z.output<typeof publicItem>,
): NotificationItem {
  const types = new Set(notificationType);
  const set = (type: 'slack' | 'customerio', enabled: boolean | undefined) => {
    if (enabled === true) types.add(type);
    if (enabled === false) types.delete(type);
  };
  set('customerio', email?.enabled);
  set('slack', webhook?.enabled);
  const webhookUrl = webhook?.url ?? slackConfiguration?.webhook;
  return {
    notificationType: [...types],
    ...(webhookUrl !== undefined && { slackConfiguration: { webhook: webhookUrl } }),
  };
}

/** The settings as the public API shows them. */
export function toPublicNotifications(settings: NotificationSettings): object {
  const shown = Object.entries(PUBLIC_EVENTS).map(([event, field]) => {
    const { notificationType, slackConfiguration } = settings[field] ?? { notificationType: [] };
    const webhook = { enabled: notificationType.includes('slack'), url: slackConfiguration?.webhook };
    return [event, { email: { enabled: notificationType.includes('customerio') }, webhook }];
  });
  return Object.fromEntries(shown);
}

/** The webhook that an event calls; undefined if it calls none. */
export function webhookOf(
  settings: NotificationSettings,
  event: 'sendOnSuccess' | 'sendOnFailure',
): string | undefined {
  const { notificationType = [], slackConfiguration } = settings[event] ?? {};
  return notificationType.includes('slack') ? slackConfiguration?.webhook || undefined : undefined;
}
