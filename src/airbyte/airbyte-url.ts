/**
 * Airbyte's two APIs: the Configuration API, and the public one of Airbyte Cloud and of self-managed servers since
 * 0.63.
 */
export type AirbyteFlavour = 'config' | 'public';

export interface AirbyteUrl {
  /** The base of every call, without a slash at its end: `http://host:8001/api/v1`. */
  url: string;
  flavour: AirbyteFlavour;
}

/** The host of Airbyte Cloud's public API. */
export const CLOUD_PUBLIC_HOST = 'api.airbyte.com';
const PUBLIC_PATH = '/api/public/v1';
const EXAMPLE = 'http://localhost:8001/api/v1';

/**
 * Normalizes the URL of an Airbyte server: `…/api/public/v1` and `https://api.airbyte.com/v1` are the public API, any
 * other URL is the Config API. A URL without a path means `/api/v1`.
 *
 * @throws TypeError that says what is wrong with the URL, without the credentials that may be in it
 */
export function normalizeAirbyteUrl(text: string): AirbyteUrl {
  if (!URL.canParse(text)) {
    throw new TypeError(`Airbyte's URL is not a URL. Write it like ${EXAMPLE}.`);
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`Airbyte's URL must begin with http:// or https://, like ${EXAMPLE}.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError("Airbyte's URL has credentials in it. Set AIRBYTE_USERNAME and AIRBYTE_PASSWORD instead.");
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`Airbyte's URL must end with its path, like ${EXAMPLE}, without "?" and "#".`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (url.hostname === CLOUD_PUBLIC_HOST) {
    return { url: `${url.origin}${path || '/v1'}`, flavour: 'public' };
  }
  if (/\/api\/public(\/v\d+)?$/.test(path)) {
    return { url: `${url.origin}${path.endsWith('/public') ? `${path}/v1` : path}`, flavour: 'public' };
  }
  if (/\/v\d+$/.test(path)) {
    return { url: `${url.origin}${path}`, flavour: 'config' };
  }
  return { url: `${url.origin}${path.replace(/\/api$/, '')}/api/v1`, flavour: 'config' };
}

/** The public API of the same server, which has calls that newer Config APIs no longer have. */
export function publicApiUrl(configApiUrl: string): string {
  return configApiUrl.replace(/\/(api\/)?v\d+$/, PUBLIC_PATH);
}
