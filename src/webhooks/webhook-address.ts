/** What the path of a notification has before the secret. */
const PATH = '/airbyte/';

/** The URL that Airbyte sends notifications to. It contains the secret. @param baseUrl without a slash at its end */
export function webhookUrl(baseUrl: string, secret: string): string {
  return `${baseUrl}${PATH}${secret}`;
}

/** Whether a URL leads to the workers at this address, with whatever secret. */
export function leadsToWorkers(url: string, baseUrl: string): boolean {
  return url.startsWith(`${baseUrl}${PATH}`);
}

/** The secret in the path of a request; undefined if the path is not one of a notification. A proxy may put a path before it. */
export function secretOfPath(path: string): string | undefined {
  const at = path.lastIndexOf(PATH);
  return at < 0 ? undefined : path.slice(at + PATH.length);
}

/** A URL as a message may show it: its path may be a secret, and that of other services too. */
export function withoutPath(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : 'an invalid URL';
}
