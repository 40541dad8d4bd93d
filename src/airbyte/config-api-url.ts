const CLOUD_PUBLIC_HOST = 'api.airbyte.com';
const EXAMPLE = 'http://localhost:8001/api/v1';

/**
 * Reads the URL of an Airbyte server as people write it. A URL without a path means `/api/v1`.
 *
 * @returns the base that every Config API call is relative to, without a slash at its end: `http://host:8001/api/v1`.
 * @throws TypeError saying what is wrong with the URL, without printing credentials that may be in it.
 */
export function normalizeConfigApiUrl(text: string): string {
  if (!URL.canParse(text)) {
    throw new TypeError(`Airbyte's URL is not a URL. Write it like ${EXAMPLE}.`);
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`Airbyte's URL must begin with http:// or https://, like ${EXAMPLE}.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      "Airbyte's URL has credentials in it. Give them as AIRBYTE_USERNAME and AIRBYTE_PASSWORD instead.",
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`Airbyte's URL must end with its path, like ${EXAMPLE}: no "?" and no "#".`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/api/public/v1') || url.hostname === CLOUD_PUBLIC_HOST) {
    const way =
      url.hostname === CLOUD_PUBLIC_HOST
        ? 'Airbyte Cloud is not supported yet'
        : `Give the Config API of the same server instead: ${url.origin}/api/v1`;
    throw new TypeError(`Airbyte's URL is that of its public API, which this version does not speak. ${way}.`);
  }
  if (/\/v\d+$/.test(path)) {
    return `${url.origin}${path}`;
  }
  return `${url.origin}${path.replace(/\/api$/, '')}/api/v1`;
}

/** The public API of the same server, which has the list of workspaces that newer Config APIs lack. */
export function publicApiUrl(configApiUrl: string): string {
  return configApiUrl.replace(/\/(api\/)?v\d+$/, '/api/public/v1');
}
