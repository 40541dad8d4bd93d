import { type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** The headers by which Airbyte's HTTP client offers HTTP/2 over a plain connection. */
const UPGRADE_TO_HTTP_2 = {
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: 'h2c',
  'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
};

/**
 * Posts JSON to a webhook as Airbyte does: once, without a signature, and with no limit of time.
 *
 * @returns the status of the response
 * @throws Error if the URL is invalid or nothing responds there, and when the signal aborts the request
 */
export function postToWebhook(url: string, payload: object, signal: AbortSignal): Promise<number> {
  const body = JSON.stringify(payload);
  const { protocol } = new URL(url);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(protocol === 'http:' && UPGRADE_TO_HTTP_2),
  };
  const options: RequestOptions = { method: 'POST', headers, signal, agent: false };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.on('error', reject);
    request.end(body);
  });
}
