import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Call, type ReferenceOptions, RejectedRequest, referenceCalls } from './reference-calls';
import { type JobStatus, ReferenceJobs } from './reference-jobs';

/**
 * An Airbyte that is the user's API reference and nothing more: only the calls the reference names, only the fields it
 * shows, its ids that are no UUIDs. A client that works with this server relies on nothing that the reference leaves
 * out.
 *
 * Where the reference says nothing the strictest reading is taken: a body that lacks a field which the reference shows
 * is rejected, and a response has no field which the reference does not show.
 */
export interface ReferenceServer {
  /** The base of the API, `http://127.0.0.1:PORT/api/v1`. */
  readonly url: string;
  /** Every request in the order of arrival, rejected ones and unknown calls included. */
  readonly requests: readonly RecordedRequest[];
  readonly jobs: ReferenceJobs;
  /** The bodies of the accepted requests of one call, `connections/create` say. */
  bodies(call: string): unknown[];
  /** Resolves once the server has responded to `count` requests of this call, also when it already has. */
  responded(call: string, count?: number): Promise<void>;
  /** From now on the check of this source or destination fails with Airbyte's usual response: 200 and a status. */
  failCheck(actorId: string, message: string): void;
  passCheck(actorId: string): void;
  stop(): Promise<void>;
}

export interface RecordedRequest {
  method: string;
  /** The path below the API's base, without its leading slash. */
  call: string;
  /** The parsed body; undefined where there was none or none that is JSON. */
  body: unknown;
  /** The status of the response. */
  status: number;
}

export interface ReferenceServerOptions extends ReferenceOptions {
  /**
   * What moves a job from `pending` to `running` to `succeeded`: each response that shows it, or only the test.
   * @default 'reads'
   */
  jobsMoveBy?: 'reads' | 'the test';
  /** How the jobs end, first job first; those after the last succeed. */
  outcomes?: JobStatus[];
  /**
   * The body of the 404 for a call that the reference does not name: what it is depends on the server's web framework.
   * @default nothing at all
   */
  unknownCallResponse?: object;
  /** @default any that is free */
  port?: number;
}

/** @throws {Error} where no port of 127.0.0.1 can be bound. */
export async function startReferenceServer(options: ReferenceServerOptions = {}): Promise<ReferenceServer> {
  const jobs = new ReferenceJobs(options.outcomes ?? [], options.jobsMoveBy ?? 'reads');
  const failedChecks = new Map<string, string>();
  const calls = referenceCalls(jobs, failedChecks, options);
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();

  const server = createServer((request, response) => {
    readBody(request)
      .then((text) => {
        requests.push(respond(calls, options.unknownCallResponse, request, text, response));
        for (const look of [...waiting]) look();
      })
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    requests,
    jobs,
    bodies: (call) => requests.filter((r) => r.call === call && r.status === 200).map((r) => r.body),
    responded: (call, count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.filter((request) => request.call === call).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    failCheck: (actorId, message) => void failedChecks.set(actorId, message),
    passCheck: (actorId) => void failedChecks.delete(actorId),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function respond(
  calls: ReadonlyMap<string, Call>,
  unknownCallResponse: object | undefined,
  request: IncomingMessage,
  text: string,
  response: ServerResponse,
): RecordedRequest {
  const method = request.method ?? '';
  const path = request.url ?? '';
  const call = path.replace(/^\/api\/v1\//, '');
  const body = parsedJson(text);
  const handle = path === `/api/v1/${call}` ? calls.get(call) : undefined;

  const send = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    return { method, call, body, status };
  };
  if (handle === undefined || method !== 'POST') {
    if (unknownCallResponse !== undefined) return send(404, unknownCallResponse);
    response.writeHead(404).end();
    return { method, call, body, status: 404 };
  }
  const contentType = request.headers['content-type']?.split(';')[0]?.trim();
  if (contentType !== 'application/json') {
    return send(415, { message: `${call} takes application/json, not ${contentType ?? 'a body without a type'}` });
  }
  try {
    return send(200, handle(body));
  } catch (error) {
    if (!(error instanceof RejectedRequest)) throw error;
    return send(error.status, { message: `${call}: ${error.message}` });
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused by the call's own schema, which says that an object was expected.
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
