import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readAtMost } from '../../src/async/limited-body';
import type { WebhookListenerSettings } from '../../src/configuration/webhook-addresses';
import { messageOf } from '../../src/text/error-message';
import { secretComparison } from '../../src/text/secret-comparison';
import { type JobHint, readNotification } from '../../src/webhooks/notification';
import { secretOfPath } from '../../src/webhooks/webhook-address';

/** The largest notification. Airbyte's have a few kilobytes. */
export const MAXIMUM_BODY_BYTES = 2 ** 20;

/** Airbyte opens a connection for each notification. A connection beyond these is closed, and a poll finds the job. */
const MAXIMUM_CONNECTIONS = 100;

/** How long a sender may take for its request. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 1_000;

/** The worker cannot listen where it was told to. */
export class WebhookListenError extends Error {
  override readonly name = 'WebhookListenError';
}

/** What became of a request: it was rejected; or it was a notification, which named a job, or none. */
export const NOTIFICATION_RESULTS = ['accepted', 'ignored', 'rejected'] as const;

export type NotificationResult = (typeof NOTIFICATION_RESULTS)[number];

export interface WebhookListener {
  /** `host:port` */
  address: string;
  close(): Promise<void>;
}

/**
 * Listens for Airbyte's notifications. The response is sent before anything is done with a notification, because Airbyte
 * completes the job only after it.
 *
 * @param onHint called with each notification that names a job
 * @param onNotification called with what became of each request
 * @throws WebhookListenError
 */
export async function listenForWebhooks(
  { host, port, secret }: WebhookListenerSettings,
  onHint: (hint: JobHint) => void,
  onNotification: (result: NotificationResult) => void = () => {},
): Promise<WebhookListener> {
  const isSecret = secretComparison(secret);
  // Without a listener for upgrades, Node.js responds to a request for HTTP/2 as to any other one.
  const server = createServer((request, response) => {
    receive(request, response, isSecret).then(
      (body) => {
        const hint = body === undefined ? undefined : readNotification(body);
        if (hint) onHint(hint);
        onNotification(body === undefined ? 'rejected' : hint ? 'accepted' : 'ignored');
      },
      // The sender has closed the connection. Airbyte does not send the notification again, and a poll finds the job.
      () => response.destroy(),
    );
  });
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await listen(server, host, port);
  return {
    address: `${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new WebhookListenError(
          `Cannot listen for notifications from Airbyte at ${host}:${port}: ${messageOf(error)}. Set AIRBYTE_WEBHOOK_PORT to a free port of this machine, and AIRBYTE_WEBHOOK_HOST to one of its addresses.`,
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}

/** Responds to a request. @returns the body of a notification; undefined for any other request */
async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  isSecret: (given: string) => boolean,
): Promise<string | undefined> {
  const { method, url = '', headers } = request;
  const given = secretOfPath(url);
  if (given === undefined || !isSecret(given)) return reject(response, 404);
  if (method !== 'POST') return reject(response, 405);
  if (Number(headers['content-length'] ?? 0) > MAXIMUM_BODY_BYTES) return reject(response, 413);
  const body = await readAtMost(request, MAXIMUM_BODY_BYTES);
  if (body === undefined) return reject(response, 413);
  response.writeHead(200).end();
  return body;
}

/** Responds with an error, without reading the rest of the request. */
function reject(response: ServerResponse, status: number): undefined {
  response.writeHead(status, { connection: 'close' }).end();
  return undefined;
}
