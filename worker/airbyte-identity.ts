/** The Airbyte that a worker serves. It is part of the worker's identity, so that other workers can compare it with theirs. */
export interface ServedAirbyte {
  /** The URL of its API, without credentials: `http://airbyte:8001/api/v1`. */
  url: string;
  /** A name from the configuration, by which workers recognize one Airbyte that they reach by different addresses. */
  name?: string;
}

/** The names and addresses of this machine. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
/** The path of Airbyte's Config API or public API at the end of a URL. */
const API_PATH = /\/(?:api\/)?(?:public\/)?v\d+$|\/api(?:\/public)?$/;

/** Compares names if both have one: one Airbyte may have several addresses, and one address may lead to several Airbytes. */
export function isSameAirbyte(one: ServedAirbyte, other: ServedAirbyte): boolean {
  if (one.name !== undefined && other.name !== undefined) return one.name === other.name;
  return addressOf(one) === addressOf(other);
}

/**
 * Normalizes the URL of an Airbyte: removes the path of an API and slashes at the end, and replaces other names of this machine
 * with `localhost`.
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

/** Adds the Airbyte that a worker serves to its identity, which Temporal shows with the task queue. */
export function identityWithAirbyte(identity: string, { url, name }: ServedAirbyte): string {
  return `${identity} airbyte=${url}${name === undefined ? '' : ` name=${name}`}`;
}

/** The identity of a worker without the Airbyte that it serves, for messages. */
export function identityWithoutAirbyte(identity: string): string {
  return identity.replace(/ airbyte=.*$/, '');
}

/** Reads the Airbyte that a worker serves from its identity; undefined if the identity does not contain it. */
export function airbyteOfIdentity(identity: string): ServedAirbyte | undefined {
  const [, url, name] = / airbyte=(\S+)(?: name=(\S+))?$/.exec(identity) ?? [];
  if (url === undefined || !URL.canParse(url)) return undefined;
  return { url, ...(name !== undefined && { name }) };
}
