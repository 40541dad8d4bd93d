import type { WebhookRoute } from '../contract/webhook-routes';
import { matchesPattern } from '../text/name-pattern';

/** What routes select connections by. */
export interface RoutedConnection {
  name: string;
  /** The names of its tags. */
  tags: readonly string[];
}

/** The routes whose outcome matches that of a sync, and which do not name another connection. */
export function routesOfSync(
  routes: readonly WebhookRoute[],
  { connectionId, status }: { connectionId: string; status: 'succeeded' | 'failed' },
): WebhookRoute[] {
  const outcome = status === 'succeeded' ? 'success' : 'failure';
  return routes.filter(
    ({ on, connection }) =>
      (on === 'end' || on === outcome) &&
      (connection === undefined || connection.toLowerCase() === connectionId.toLowerCase()),
  );
}

/** Whether a route needs more of a connection than its id. */
export function needsConnection({ namePattern, tag }: WebhookRoute): boolean {
  return namePattern !== undefined || tag !== undefined;
}

/** Whether the name and the tags of a connection match a route. */
export function matchesConnection({ namePattern, tag }: WebhookRoute, { name, tags }: RoutedConnection): boolean {
  return (namePattern === undefined || matchesPattern(namePattern, name)) && (tag === undefined || tags.includes(tag));
}
