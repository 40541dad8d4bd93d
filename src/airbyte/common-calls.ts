/**
 * The calls of the Config API that every Airbyte has, from 0.50 on, and the user's reference names as well: a response that
 * says otherwise is a gateway's.
 */
const CONFIG_CALLS: ReadonlySet<string> = new Set([
  'source_definitions/list',
  'sources/list',
  'sources/create',
  'sources/discover_schema',
  'destinations/create',
  'connections/get',
  'connections/create',
  'connections/update',
  'connections/sync',
  'jobs/get',
  'jobs/list',
  'jobs/cancel',
]);

/** The same of the public API, which names a call by its method and path. */
const PUBLIC_CALLS = [
  /^GET (workspaces|sources|destinations|connections|jobs|streams)$/,
  /^GET (workspaces|sources|destinations|connections|jobs)\/[^/]+$/,
  /^POST (sources|destinations|connections|jobs)$/,
  /^PATCH connections\/[^/]+$/,
  /^DELETE jobs\/[^/]+$/,
];

/** Whether every Airbyte has a call, so that it never counts as missing. */
export function isCommonCall(call: string): boolean {
  return CONFIG_CALLS.has(call) || PUBLIC_CALLS.some((pattern) => pattern.test(call));
}
