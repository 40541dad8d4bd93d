import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerTokenRequest } from './api/applications';
import type { ApiCalls, ApiContext } from './api/call';
import { connectionRunCalls } from './api/connection-runs';
import { connectionCalls } from './api/connections';
import { definitionCalls } from './api/definitions';
import { destinationCalls } from './api/destinations';
import { type Answer, ApiError, frameworkAnswer, UncaughtError } from './api/errors';
import { healthCalls } from './api/health';
import { jobCalls } from './api/jobs';
import { sourceCalls } from './api/sources';
import { stateCalls } from './api/state';
import { listPublicWorkspaces, workspaceCalls } from './api/workspaces';
import type { Authentication } from './authentication';
import { answerControl } from './control';
import type { Fault, Faults } from './faults';
import type { RequestLog } from './request-log';
import type { Shop } from './shop';

export interface ServedSandbox {
  context: ApiContext;
  faults: Faults;
  requests: RequestLog;
  authentication: Authentication;
  /** The embedded database, when there is one. */
  shop?: Pick<Shop, 'change'>;
}

const CONFIG_API = '/api/v1/';
const PUBLIC_API = '/api/public/v1/';

/** What anybody may call. */
const OPEN_CALLS = new Set(['health', 'applications/token', 'public/health', 'public/applications/token']);

/** The longest request body that is read, in bytes. A catalog of many thousand columns is a few million. */
const LONGEST_BODY = 64 * 1024 * 1024;

const configCalls: ApiCalls = {
  ...workspaceCalls,
  ...definitionCalls,
  ...sourceCalls,
  ...destinationCalls,
  ...connectionCalls,
  ...connectionRunCalls,
  ...jobCalls,
  ...stateCalls,
};

/** One request, read whole. */
export interface ReceivedRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  /** The body's text; empty when there is none. */
  text: string;
}

/** Answers every request of a sandbox: the two APIs, its own control calls, and the page that is everywhere else. */
export function createRequestListener(sandbox: ServedSandbox): RequestListener {
  return (incoming, response) => {
    serve(sandbox, incoming, response).catch((error: unknown) => {
      // The caller went away, or sent what cannot be read.
      response.destroy(error instanceof Error ? error : undefined);
    });
  };
}

async function serve(sandbox: ServedSandbox, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`);
  const request = { method: incoming.method ?? 'GET', url, headers: incoming.headers, text: await readText(incoming) };
  if (url.pathname === '/sandbox' || url.pathname.startsWith('/sandbox/')) {
    send(response, await answerControl(sandbox, request));
    return;
  }
  const call = callOf(url.pathname);
  if (call === undefined) {
    // What Airbyte answers at every other path: its user interface.
    send(response, {
      status: 200,
      body: '<!doctype html><html lang="en"><title>Airbyte</title><div id="root"></div></html>',
    });
    return;
  }
  sandbox.requests.record(call);
  const fault = sandbox.faults.strike(call);
  if (fault !== undefined) await sandbox.faults.wait(fault);
  if (fault?.drop === 'before') {
    response.destroy();
    return;
  }
  if (fault?.status !== undefined && !fault.effect) {
    send(response, faultAnswer(fault, fault.status));
    return;
  }
  const answer = await answerCall(sandbox, call, request);
  if (fault?.drop === 'after') response.destroy();
  else send(response, fault?.status === undefined ? answer : faultAnswer(fault, fault.status));
}

/** `connections/sync` or, in the public API, `public/workspaces`. */
function callOf(pathname: string): string | undefined {
  if (pathname.startsWith(CONFIG_API)) return pathname.slice(CONFIG_API.length).replace(/\/$/, '');
  if (pathname.startsWith(PUBLIC_API)) return `public/${pathname.slice(PUBLIC_API.length).replace(/\/$/, '')}`;
  return undefined;
}

async function answerCall(sandbox: ServedSandbox, call: string, request: ReceivedRequest): Promise<Answer> {
  const { context, authentication } = sandbox;
  if (!OPEN_CALLS.has(call) && !authentication.admits(request.headers))
    return unauthorized(authentication, request.url);
  try {
    const answer = await route(sandbox, call, request);
    return answer ?? frameworkAnswer(404, 'Not Found', request.url.pathname, 'Page Not Found');
  } catch (error) {
    if (error instanceof ApiError) return error.toAnswer(context.behaviour);
    console.error(`The sandbox failed to answer ${call}:`, error);
    return new UncaughtError(error instanceof Error ? error.message : String(error)).toAnswer(context.behaviour);
  }
}

/** Nothing when there is no such call. */
async function route(sandbox: ServedSandbox, call: string, request: ReceivedRequest): Promise<Answer | undefined> {
  const { context, authentication } = sandbox;
  const { method, url } = request;
  if (isMissing(call, context)) return undefined;
  if (call === 'health')
    return method === 'GET' ? answered(healthCalls, call, undefined, context) : wrongMethod(request);
  if (call === 'public/health') return { status: 200, body: 'Successful operation' };
  if (call === 'public/workspaces' && method === 'GET') {
    return { status: 200, body: listPublicWorkspaces(context, url.searchParams, `${url.origin}${url.pathname}`) };
  }
  const known = Object.hasOwn(configCalls, call) || call.endsWith('applications/token');
  if (!known) return undefined;
  if (method !== 'POST') return wrongMethod(request);
  let body: unknown;
  try {
    body = request.text === '' ? undefined : parseBody(request);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const answer = {
      message: `Invalid json. ${error.message}`,
      exceptionClassName: 'com.fasterxml.jackson.core.JsonParseException',
    };
    return { status: 422, body: { ...answer, exceptionStack: [], validationErrors: [] } };
  }
  if (call.endsWith('applications/token')) return answerTokenRequest(authentication, body, call.startsWith('public/'));
  return answered(configCalls, call, body, context);
}

async function answered(calls: ApiCalls, call: string, body: unknown, context: ApiContext): Promise<Answer> {
  const result = await calls[call]?.(body, context);
  return result === undefined ? { status: 204 } : { status: 200, body: result };
}

/** JSON, or the form that OAuth clients send. */
function parseBody({ headers, text }: ReceivedRequest): unknown {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return JSON.parse(text);
}

/** Calls that a server of this age does not have. */
function isMissing(call: string, { behaviour }: ApiContext): boolean {
  if (call === 'workspaces/list') return !behaviour.workspacesList;
  if (call === 'jobs/list_for_workspaces') return !behaviour.listsJobsOfAllConnections;
  const late = ['applications/token', 'public/applications/token', 'connections/refresh', 'connections/clear'];
  return late.includes(call) && !behaviour.applicationsAndRefreshes;
}

function wrongMethod({ method, url }: ReceivedRequest): Answer {
  return frameworkAnswer(
    405,
    'Method Not Allowed',
    url.pathname,
    `Method [${method}] not allowed for URI [${url.pathname}]`,
  );
}

function unauthorized({ kind }: Authentication, url: URL): Answer {
  if (kind !== 'basic') return frameworkAnswer(401, 'Unauthorized', url.pathname);
  // Basic authentication is the proxy's in front of Airbyte.
  const body = '<html><head><title>401 Authorization Required</title></head></html>';
  return { status: 401, body, headers: { 'www-authenticate': 'Basic realm="Airbyte"' } };
}

function faultAnswer({ body, headers = {} }: Fault, status: number): Answer {
  return { status, body: body ?? { message: `The sandbox was told to answer ${status}.` }, headers };
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  const contentType = !isText ? 'application/json' : text.startsWith('<') ? 'text/html' : 'text/plain';
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text), ...headers })
    .end(text);
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
