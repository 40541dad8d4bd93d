import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  /** Path under the server's origin: `/api/v1/jobs/get`. */
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** The response to a call. A string is sent unchanged, anything else as JSON; a function writes the response itself. */
export type ScriptedResponse =
  | { status?: number; headers?: Record<string, string>; body?: unknown }
  | ((response: ServerResponse, request: ReceivedRequest) => void);

export type Script = (request: ReceivedRequest) => ScriptedResponse;

/** An HTTP server on a free local port that sends the responses of a script. */
export class ScriptedAirbyte {
  readonly requests: ReceivedRequest[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const received: ReceivedRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      this.requests.push(received);
      const scripted = this.script(received);
      if (typeof scripted === 'function') {
        scripted(response, received);
        return;
      }
      const { status = 200, headers = {}, body } = scripted;
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
      response.end(body === undefined || isText ? body : JSON.stringify(body));
    });
  });

  /** Gives the responses to all calls from now on. */
  script: Script = () => ({ status: 404, body: MISSING_ENDPOINT });

  static async start(script?: Script): Promise<ScriptedAirbyte> {
    const airbyte = new ScriptedAirbyte();
    airbyte.script = script ?? airbyte.script;
    await new Promise<void>((resolve) => airbyte.#server.listen(0, '127.0.0.1', resolve));
    return airbyte;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/api/v1`;
  }

  /** The calls received, without the base. */
  get calls(): string[] {
    return this.requests.map((request) => request.path.replace(/^\/api\/(v1\/)?/, ''));
  }

  /** Sets the responses by call; any other call gets a 404 of Airbyte's web framework. */
  respond(responses: Record<string, ScriptedResponse | unknown>): void {
    this.script = (request) => {
      const call = request.path.replace('/api/v1/', '');
      return call in responses ? { body: responses[call] } : { status: 404, body: MISSING_ENDPOINT };
    };
  }

  /** Does nothing when it was stopped before. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The response of Airbyte's web framework (Micronaut) to a path that it does not have. */
export const MISSING_ENDPOINT = {
  _links: { self: [{ href: '/api/v1/nothing/here', templated: false }] },
  _embedded: { errors: [{ message: 'Page Not Found' }] },
  message: 'Not Found',
};
