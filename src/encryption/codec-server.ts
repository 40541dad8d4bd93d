import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { readAtMost } from '../async/limited-body';
import { messageOf } from '../text/error-message';
import type { Authorizer } from './codec-authorization';
import { EncryptedPayloadError } from './encryption-codec';
import { readPayloads, writePayloads } from './payload-json';

/** The largest body. A payload has at most 2 MB, and base64 makes a third more of it. */
const MAXIMUM_BODY_BYTES = 16 * 2 ** 20;
const MAXIMUM_CONNECTIONS = 200;
const REQUEST_TIMEOUT_MS = 30_000;

/** How long a browser may remember that a page may use the server. */
const PREFLIGHT_MAXIMUM_AGE_S = 600;

/** The codec server cannot listen where it was told to. */
export class CodecServerListenError extends Error {
  override readonly name = 'CodecServerListenError';
}

export interface CodecServerOptions {
  host: string;
  /** 0 for a free one. */
  port: number;
  /** The origins of the pages that may use it, such as that of Temporal's UI. */
  origins: readonly string[];
  codec: PayloadCodec;
  authorize: Authorizer;
  /** Receives a line for each use, and for what could not be decoded. It has no part of a payload. */
  log(line: string): void;
}

export interface CodecServer {
  /** `http://host:port` */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves `/encode` and `/decode`, by which Temporal's UI and command show what is encrypted:
 * https://docs.temporal.io/codec-server. A path may end so at any depth; the part before it may be the token.
 *
 * @throws CodecServerListenError
 */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    respond(request, response, options).catch((error: unknown) => {
      options.log(`A request failed: ${messageOf(error)}`);
      response.destroy();
    });
  });
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, host, port);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new CodecServerListenError(
          `The codec server cannot listen at ${host}:${port}: ${messageOf(cause)}. Give it a free port of this machine with --port, and one of its addresses with --host.`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}

/** A request that is rejected. */
class Rejection {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

async function respond(request: IncomingMessage, response: ServerResponse, options: CodecServerOptions): Promise<void> {
  const { origin } = request.headers;
  const isPermitted = origin !== undefined && options.origins.includes(origin);
  response.setHeader('vary', 'origin');
  response.setHeader('cache-control', 'no-store');
  if (isPermitted) {
    response.setHeader('access-control-allow-origin', origin);
    // The UI sends its cookies along where it is told to, for a proxy in front of this server.
    response.setHeader('access-control-allow-credentials', 'true');
  }
  if (request.method === 'OPTIONS' && isPermitted) {
    response.setHeader('access-control-allow-methods', 'POST');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, x-namespace');
    response.setHeader('access-control-max-age', PREFLIGHT_MAXIMUM_AGE_S);
    response.writeHead(204).end();
    return;
  }
  const result =
    origin !== undefined && !isPermitted
      ? new Rejection(
          403,
          `Pages of ${JSON.stringify(origin)} may not use this server. Start it with --origin to permit them.`,
        )
      : await handle(request, options);
  response.setHeader('content-type', 'application/json');
  if (!(result instanceof Rejection)) {
    response.end(writePayloads(result));
    return;
  }
  if (result.status === 401) response.setHeader('www-authenticate', 'Bearer');
  // The rest of the body is not read.
  response.writeHead(result.status, { connection: 'close' }).end(JSON.stringify({ message: result.message }));
}

async function handle(request: IncomingMessage, options: CodecServerOptions): Promise<Payload[] | Rejection> {
  const { method, url = '', headers } = request;
  const [operation, pathToken] = (url.split('?')[0] ?? '').split('/').reverse();
  if (operation !== 'encode' && operation !== 'decode')
    return new Rejection(404, 'This server has /encode and /decode');
  if (method !== 'POST') return new Rejection(405, 'Send a POST request');
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? pathToken;
  if (!token) return new Rejection(401, 'A token is required');
  const authorization = await options.authorize(token);
  if ('rejected' in authorization) {
    options.log(`Rejected a request from ${request.socket.remoteAddress ?? 'somewhere'}: ${authorization.rejected}`);
    return new Rejection(401, 'The token is not accepted');
  }
  const isTooLarge = Number(headers['content-length'] ?? 0) > MAXIMUM_BODY_BYTES;
  const body = isTooLarge ? undefined : await readAtMost(request, MAXIMUM_BODY_BYTES);
  if (body === undefined) return new Rejection(413, `A body may have at most ${MAXIMUM_BODY_BYTES} bytes`);
  let payloads: Payload[];
  try {
    payloads = readPayloads(body);
  } catch (error) {
    return new Rejection(400, messageOf(error));
  }
  const namespace = JSON.stringify(headers['x-namespace'] ?? 'unknown');
  options.log(`${operation} of ${payloads.length} payloads for ${authorization.caller}, namespace ${namespace}`);
  if (operation === 'encode') return options.codec.encode(payloads);
  return (await Promise.all(payloads.map((payload) => decodeIfPossible(payload, options)))).flat();
}

/** A payload of another key stays as it is, so that the user sees the others, and the id of the missing key. */
async function decodeIfPossible(payload: Payload, { codec, log }: CodecServerOptions): Promise<Payload[]> {
  try {
    return await codec.decode([payload]);
  } catch (error) {
    if (!(error instanceof EncryptedPayloadError)) throw error;
    log(error.message);
    return [payload];
  }
}
