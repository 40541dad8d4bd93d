import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ApiContext } from '../api/call';
import { errorResponse, frameworkResponse, missingPage } from '../api/error-responses';
import { isHidden } from '../api/hidden';
import type { ApiResponse } from '../api/response';
import { jsonText, parseJson } from '../connectors/exact-json';
import type { Authentication } from '../state/authentication';
import { ApiError, InvalidJsonError, UncaughtError } from '../state/errors';
import type { StateFile } from '../state/state-file';
import type { Admission } from './admission';
import { type ControlledSandbox, handleControl } from './control-calls';
import type { Fault } from './faults';
import { findRoute, type Route } from './routes';

export interface ServedSandbox extends ControlledSandbox {
  context: ApiContext;
  admission: Admission;
  /** Where the state is saved before each response, so that no response shows what a killed sandbox would lose. */
  stateFile?: StateFile;
}

/** Calls that need no authentication. */
const OPEN_CALLS = new Set([
  ...['health', 'instance_configuration', 'applications/token'],
  ...['public/health', 'public/applications/token'],
]);

/** Airbyte serves its web app at every path outside of its APIs. */
const WEB_APP =
  '<!doctype html><html lang="en"><title>Airbyte</title><div id="root">' +
  'An Airbyte has its web app here. This is the sandbox, which has none.</div></html>';

/**
 * The longest request body that the sandbox reads, in bytes. A catalog with many thousand columns takes a few million.
 */
const LONGEST_BODY = 64 * 1024 * 1024;

/** One request with its whole body. */
export interface ReceivedRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  /** The body's text; empty if there is none. */
  text: string;
}

/** Handles every request to a sandbox: the two APIs, the control calls, and the web app everywhere else. */
export function createRequestListener(sandbox: ServedSandbox): RequestListener {
  return (incoming, response) => {
    serve(sandbox, incoming, response).catch((error: unknown) => {
      // The client disconnected or sent something that is not HTTP.
      response.destroy(error instanceof Error ? error : undefined);
    });
  };
}

async function serve(sandbox: ServedSandbox, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers } = incoming;
  const rejection = sandbox.admission.rejection(headers);
  if (rejection !== undefined) {
    incoming.resume();
    send(response, rejection);
    return;
  }
  const url = new URL(incoming.url ?? '/', `http://${headers.host}`);
  const request = { method: incoming.method ?? 'GET', url, headers, text: await readText(incoming) };
  if (url.pathname === '/sandbox' || url.pathname.startsWith('/sandbox/')) {
    const result = sandbox.admission.controlRejection(headers) ?? (await handleControl(sandbox, request));
    await sandbox.stateFile?.save();
    send(response, result);
    return;
  }
  const route = findRoute(url.pathname);
  if (route === undefined) {
    send(response, { status: 200, body: WEB_APP });
    return;
  }
  sandbox.requests.record(route.call);
  const fault = sandbox.faults.apply(route.call, request.method);
  if (fault?.effectAfterMs !== undefined) void takeEffectLater(sandbox, route, request, fault);
  if (fault !== undefined && !fault.effect) await sandbox.faults.wait(fault, fault.delayMs);
  if (fault?.drop === 'before' || (fault?.drop && fault.effectAfterMs !== undefined)) {
    response.destroy();
    return;
  }
  if (fault?.status !== undefined && !fault.effect && fault.repeatAfterMs === undefined) {
    send(response, faultResponse(fault, fault.status));
    return;
  }
  const first = await handleCall(sandbox.context, route, request);
  const result = fault?.repeatAfterMs === undefined ? first : await repeat(sandbox, route, request, fault);
  await sandbox.stateFile?.save();
  if (fault?.effect) await sandbox.faults.wait(fault, fault.delayMs);
  if (fault?.drop === 'after') response.destroy();
  else if (fault?.drop === 'halfway') sendHalf(response, result);
  else send(response, fault?.status === undefined ? result : faultResponse(fault, fault.status));
}

/** Carries out a request after its caller has already received the fault's response. */
async function takeEffectLater(
  { context, faults }: ServedSandbox,
  route: Route,
  request: ReceivedRequest,
  fault: Fault,
): Promise<void> {
  await faults.wait(fault, fault.effectAfterMs);
  if (!context.signal.aborted) await handleCall(context, route, request);
}

/** Sends a request a second time, as a gateway does that lost the first response. */
async function repeat(
  { context, faults, requests }: ServedSandbox,
  route: Route,
  request: ReceivedRequest,
  fault: Fault,
): Promise<ApiResponse> {
  await faults.wait(fault, fault.repeatAfterMs);
  requests.record(route.call);
  return handleCall(context, route, request);
}

async function handleCall(context: ApiContext, route: Route, request: ReceivedRequest): Promise<ApiResponse> {
  const { authentication, behaviour } = context;
  const { call, calls, parameters } = route;
  const { method, url } = request;
  if (!OPEN_CALLS.has(call) && !authentication.admits(request.headers)) return unauthorized(authentication, url);
  const handler = behaviour.hasCall(call) ? calls[method] : undefined;
  if (handler === undefined) {
    // With authentication on, Airbyte denies access to an unknown path instead of saying that it does not exist.
    if (authentication.isAirbyteOwn && behaviour.has('roles')) return forbidden(url);
    return Object.keys(calls).length === 0 || !behaviour.hasCall(call) ? missingPage() : wrongMethod(request);
  }
  try {
    const body = parseBody(request);
    const address = `${url.origin}${url.pathname}`;
    return await handler({ parameters, query: url.searchParams, body, url: address }, context);
  } catch (error) {
    if (isHidden(error, context)) return forbidden(url);
    if (error instanceof ApiError) return errorResponse(error, behaviour);
    console.error(`The sandbox failed to handle ${call}:`, error);
    const uncaught = new UncaughtError(error instanceof Error ? error.message : String(error));
    return errorResponse(uncaught, behaviour);
  }
}

/** Parses JSON, or the form that OAuth clients send. @throws InvalidJsonError */
function parseBody({ headers, text }: ReceivedRequest): unknown {
  if (text === '') return undefined;
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new InvalidJsonError(error instanceof Error ? error.message : String(error));
  }
}

function wrongMethod({ method, url }: ReceivedRequest): ApiResponse {
  return frameworkResponse(
    405,
    'Method Not Allowed',
    url.pathname,
    `Method [${method}] not allowed for URI [${url.pathname}]`,
  );
}

function forbidden(url: URL): ApiResponse {
  return frameworkResponse(403, 'Forbidden', url.pathname);
}

function unauthorized({ kind }: Authentication, url: URL): ApiResponse {
  if (kind !== 'basic') return frameworkResponse(401, 'Unauthorized', url.pathname);
  // A proxy in front of Airbyte handles basic authentication.
  const body = '<html><head><title>401 Authorization Required</title></head></html>';
  return { status: 401, body, headers: { 'www-authenticate': 'Basic realm="Airbyte"' } };
}

function faultResponse({ body, headers = {} }: Fault, status: number): ApiResponse {
  return { status, body: body ?? { message: `A fault of the sandbox responds with ${status}.` }, headers };
}

function send(response: ServerResponse, { status, body, headers = {} }: ApiResponse): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const isText = typeof body === 'string';
  const text = isText ? body : jsonText(body);
  const contentType = !isText ? 'application/json' : text.startsWith('<') ? 'text/html' : 'text/plain';
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text), ...headers })
    .end(text);
}

/** Breaks the connection in the middle of the response's body. */
function sendHalf(response: ServerResponse, { status, body }: ApiResponse): void {
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : jsonText(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) + 1 });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new Error(`The request is longer than ${LONGEST_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
