import { CLOUD_PUBLIC_HOST } from './airbyte-url';

const CLOUD_WEBAPP_URL = 'https://cloud.airbyte.com';

/** In Airbyte's own deployments: the port of its server, and the port of its web app. */
const SERVER_PORT = '8001';
const WEBAPP_PORT = '8000';

/**
 * The usual address of Airbyte's web app for an API.
 *
 * @param apiUrl the normalized base of either API
 * @returns without a slash at its end
 */
export function webappUrlOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.hostname === CLOUD_PUBLIC_HOST) return CLOUD_WEBAPP_URL;
  if (url.port === SERVER_PORT) url.port = WEBAPP_PORT;
  const path = url.pathname.replace(/(?:\/api(?:\/public)?)?\/v\d+$/, '');
  return `${url.origin}${path}`.replace(/\/+$/, '');
}

/**
 * The page of a connection in the web app, like the links in Airbyte's own notifications
 * (`WebUrlHelper.getConnectionUrl`).
 */
export function connectionPage(webappUrl: string, workspaceId: string, connectionId: string): string {
  return `${webappUrl}/workspaces/${encodeURIComponent(workspaceId)}/connections/${encodeURIComponent(connectionId)}`;
}
