/** The Airbyte that a worker serves, as workers of one task queue tell it to each other. */
export interface ServedAirbyte {
  /** Where its API is, as the worker's client has it: `http://airbyte:8001/api/v1`. It holds no credentials. */
  url: string;
  /** What its operators call it, so that workers which reach it by different addresses know that it is one. */
  name?: string;
}

/** What stands for this machine in an address. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
/** The path of an API, of either flavour, at the end of an address. */
const API_PATH = /\/(?:api\/)?(?:public\/)?v\d+$|\/api(?:\/public)?$/;

/** Names tell more than addresses where both have one: one Airbyte has many addresses, and one address may lead to many. */
export function isSameAirbyte(one: ServedAirbyte, other: ServedAirbyte): boolean {
  if (one.name !== undefined && other.name !== undefined) return one.name === other.name;
  return addressOf(one) === addressOf(other);
}

/**
 * Where an Airbyte is, however its URL is spelled: with or without the path of an API, with a slash at the end, by another name
 * of this machine.
 */
function addressOf({ url }: ServedAirbyte): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = LOOPBACK.test(hostname) ? 'localhost' : hostname;
  const path = pathname.replace(/\/+$/, '').replace(API_PATH, '').replace(/\/+$/, '');
  return `${protocol}//${host}:${port}${path}`;
}

/** `http://airbyte:8001/api/v1 (production)` */
export function describeAirbyte({ url, name }: ServedAirbyte): string {
  return name === undefined ? url : `${url} (${name})`;
}

/** A worker's identity, which Temporal shows to whoever describes the task queue, with the Airbyte that it serves. */
export function identityWithAirbyte(identity: string, { url, name }: ServedAirbyte): string {
  return `${identity} airbyte=${url}${name === undefined ? '' : ` name=${name}`}`;
}

/** The Airbyte that a worker serves, by its identity; undefined for a worker that does not tell. */
export function airbyteOfIdentity(identity: string): ServedAirbyte | undefined {
  const [, url, name] = / airbyte=(\S+)(?: name=(\S+))?$/.exec(identity) ?? [];
  if (url === undefined || !URL.canParse(url)) return undefined;
  return { url, ...(name !== undefined && { name }) };
}
