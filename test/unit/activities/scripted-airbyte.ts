import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request's body, to be read without ado. */
export type Body = Record<string, unknown>;

/** Gives the JSON of a 200, or a {@link Reply}. */
export type Responder = (body: Body) => unknown;

/** A response that is not the JSON of a 200. */
export class Reply {
  constructor(
    readonly status: number,
    readonly json: unknown = {},
    readonly headers: Record<string, string> = {},
  ) {}
}

/** The connection breaks instead of a response. The effect of the call stays. */
export const DROPPED = Symbol('dropped');

/** What Airbyte responds with since 2.0 where an object does not exist. */
export const notFound = () => new Reply(404, { errorId: '2f6d7c5e' });

/** What Airbyte's web framework responds with where it does not have a call. */
export const missingCall = () => new Reply(404, { message: 'Not Found', _links: {}, _embedded: {} });

/** A server that responds to each call of the Config API as the test says, and has no other calls. */
export class ScriptedAirbyte {
  readonly requests: { call: string; body: Body }[] = [];
  private readonly responders = new Map<string, Responder>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  static async start(): Promise<ScriptedAirbyte> {
    const airbyte = new ScriptedAirbyte();
    airbyte.server.listen(0, '127.0.0.1');
    await once(airbyte.server, 'listening');
    return airbyte;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v1`;
  }

  /** Scripts calls; an earlier script of the same call is replaced. */
  on(responders: Record<string, Responder>): void {
    for (const [call, respond] of Object.entries(responders)) this.responders.set(call, respond);
  }

  /** The bodies of all requests of one call, in order. */
  bodies(call: string): Body[] {
    return this.requests.filter((request) => request.call === call).map(({ body }) => body);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await request.toArray()).join('');
    const call = (request.url ?? '').replace(/^\/api\/v1\//, '');
    const body = text === '' ? {} : (JSON.parse(text) as Body);
    this.requests.push({ call, body });
    const respond = this.responders.get(call);
    const reply = respond ? await respond(body) : missingCall();
    if (reply === DROPPED) {
      request.socket.destroy();
      return;
    }
    const { status, json, headers } = reply instanceof Reply ? reply : new Reply(200, reply);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof json === 'string' ? json : JSON.stringify(json));
  }
}
