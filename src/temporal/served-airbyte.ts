/** The Airbyte that a worker serves, as workers of one task queue tell it to each other. */
export interface ServedAirbyte {
  /** Where it is, without the path of its API: `http://airbyte:8001`. It holds no credentials. */
  address: string;
  /** What its operators call it, so that workers which reach it by different addresses know that it is one. */
  name?: string;
}

/** What stands for this machine in an address. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
/** The path of an API, of either flavour, at the end of an address. */
const API_PATH = /\/(?:api\/)?(?:public\/)?v\d+$|\/api(?:\/public)?$/;

/**
 * The Airbyte behind a URL, however it is spelled: with or without the path of an API, with a slash at the end, by another
 * name of this machine.
 *
 * @param url as the client has it, or as people write it
 */
export function servedAirbyte(url: string, name?: string): ServedAirbyte {
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = LOOPBACK.test(hostname) ? 'localhost' : hostname;
  const path = pathname.replace(/\/+$/, '').replace(API_PATH, '').replace(/\/+$/, '');
  return { address: `${protocol}//${host}${port && `:${port}`}${path}`, ...(name !== undefined && { name }) };
}

/** Names tell more than addresses where both have one: one Airbyte has many addresses, and one address may lead to many. */
export function isSameAirbyte(one: ServedAirbyte, other: ServedAirbyte): boolean {
  if (one.name !== undefined && other.name !== undefined) return one.name === other.name;
  return one.address === other.address;
}

/** `http://airbyte:8001 (production)` */
export function describeAirbyte({ address, name }: ServedAirbyte): string {
  return name === undefined ? address : `${address} (${name})`;
}

/** A worker's identity, which Temporal shows to whoever describes the task queue, with the Airbyte that it serves. */
export function identityServing(identity: string, { address, name }: ServedAirbyte): string {
  return `${identity} airbyte=${address}${name === undefined ? '' : ` name=${name}`}`;
}

/** The Airbyte that a worker serves, by its identity; undefined for a worker that does not tell. */
export function servedBy(identity: string): ServedAirbyte | undefined {
  const [, address, name] = / airbyte=(\S+)(?: name=(\S+))?$/.exec(identity) ?? [];
  return address === undefined ? undefined : { address, ...(name !== undefined && { name }) };
}
