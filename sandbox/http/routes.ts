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
  ...stateCalls,
  ...tagCalls,
  ...operationCalls,
  ...webBackendCalls,
};

/** Where a path leads. */
export interface Route {
  /**
   * What requests to it are counted as: `connections/sync`, or `public/jobs/{jobId}` whichever job it is about. A path
   * that leads to nothing has a name as well.
   */
  call: string;
  /** What stands in the path in place of the names. */
  parameters: Record<string, string>;
  /** By method; none when there is no such call. */
  calls: Record<string, RoutedCall>;
}

/** The few calls of the Config API that are a GET. */
const readCalls: ApiCalls = { ...healthCalls, ...instanceConfigurationCalls };

/** The route of a path of either API; nothing for any other path. */
export function findRoute(pathname: string): Route | undefined {
  if (pathname.startsWith(PUBLIC_API)) {
    const path = pathname.slice(PUBLIC_API.length).replace(/\/$/, '');
    const route = findPublicRoute(path);
    // One name for all that begins in the same way, since the rest may be ids.
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
