import { actorCalls } from '../api/actors';
import { applicationCalls } from '../api/applications';
import type { ApiCall, ApiCalls, RoutedCall } from '../api/call';
import { connectionRunCalls } from '../api/connection-runs';
import { connectionStatusCalls } from '../api/connection-status';
import { connectionCalls } from '../api/connections';
import { definitionVersionCalls } from '../api/definition-versions';
import { definitionCalls } from '../api/definitions';
import { healthCalls, instanceConfigurationCalls } from '../api/instance-configuration';
import { jobCalls } from '../api/jobs';
import { notificationCalls } from '../api/notifications';
import { operationCalls } from '../api/operations';
import { findPublicRoute } from '../api/public/router';
import { sourceCalls } from '../api/sources';
import { stateCalls } from '../api/state';
import { tagCalls } from '../api/tags';
import { webBackendCalls } from '../api/web-backend';
import { workspaceCalls } from '../api/workspaces';

const CONFIG_API = '/api/v1/';
const PUBLIC_API = '/api/public/v1/';

const configCalls: ApiCalls = {
  ...applicationCalls,
  ...workspaceCalls,
  ...definitionCalls,
  ...definitionVersionCalls,
  ...sourceCalls,
  ...actorCalls('destination'),
  ...connectionCalls,
  ...connectionRunCalls,
  ...connectionStatusCalls,
  ...jobCalls,
  ...notificationCalls,
  ...stateCalls,
  ...tagCalls,
  ...operationCalls,
  ...webBackendCalls,
};

/** What a path leads to. */
export interface Route {
  /**
   * The name under which requests are counted: `connections/sync`, or `public/jobs/{jobId}` for every job. Unknown
   * paths have a name as well.
   */
  call: string;
  /** The values of the path's parameters, by name. */
  parameters: Record<string, string>;
  /** The calls by HTTP method; empty for an unknown path. */
  calls: Record<string, RoutedCall>;
}

/** The few calls of the Config API that use GET. */
const readCalls: ApiCalls = { ...healthCalls, ...instanceConfigurationCalls };

/** The route of a path of either API; undefined for any other path. */
export function findRoute(pathname: string): Route | undefined {
  if (pathname.startsWith(PUBLIC_API)) {
    const path = pathname.slice(PUBLIC_API.length).replace(/\/$/, '');
    const route = findPublicRoute(path);
    // All unknown paths with the same first segment share one name, because the rest may consist of ids.
    if (route === undefined) return { call: `public/${path.split('/')[0]}`, parameters: {}, calls: {} };
    return { ...route, call: `public/${route.path}` };
  }
  if (!pathname.startsWith(CONFIG_API)) return undefined;
  const call = pathname.slice(CONFIG_API.length).replace(/\/$/, '');
  return { call, parameters: {}, calls: configCallsAt(call) };
}

function configCallsAt(call: string): Record<string, RoutedCall> {
  const get = Object.hasOwn(readCalls, call) ? readCalls[call] : undefined;
  const post = Object.hasOwn(configCalls, call) ? configCalls[call] : undefined;
  return { ...(get && { GET: routed(get) }), ...(post && { POST: routed(post) }) };
}

function routed(call: ApiCall): RoutedCall {
  return async ({ body }, context) => {
    const result = await call(body, context);
    return result === undefined ? { status: 204 } : { status: 200, body: result };
  };
}
