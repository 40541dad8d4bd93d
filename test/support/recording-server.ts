import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RecordedCall {
  method: string;
  /** Path and query. */
  url: string;
  contentType: string | undefined;
  /** The parsed body; undefined where there was none. */
  body: unknown;
}

/** A server that responds as the test says and keeps what it was sent. */
export interface RecordingServer {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  recorded: RecordedCall[];
  stop(): Promise<void>;
}

export interface RecordedResponse {
  status: number;
  /** Left out: an empty one. */
  body?: unknown;
  /** Sent as it is, instead of a body: not every response is JSON, whatever its content type says. */
  text?: string;
}

/** @param respond Gives the response to a request. */
export async function startRecordingServer(
  respond: (call: RecordedCall) => RecordedResponse | Promise<RecordedResponse>,
): Promise<RecordingServer> {
  const recorded: RecordedCall[] = [];
  const server = createServer((request, response) => {
    text(request)
      .then(async (content) => {
        const call: RecordedCall = {
          method: request.method ?? '',
          url: request.url ?? '',
          contentType: request.headers['content-type'],
          body: content === '' ? undefined : JSON.parse(content),
        };
        recorded.push(call);
        const { status, body, text = body === undefined ? undefined : JSON.stringify(body) } = await respond(call);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(text);
      })
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A server in front of another that keeps what it passes on. @param origin the other one's `http://host:port` */
export function startRecordingProxy(origin: string): Promise<RecordingServer> {
  return startRecordingServer(async ({ method, url, contentType, body }) => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const response = await fetch(`${origin}${url}`, { method, headers, ...content });
    return { status: response.status, text: await response.text() };
  });
}
