import type { Sandbox } from '../../sandbox/server';

export type Json = Record<string, unknown>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A call to the sandbox, and its response. */
export interface SandboxResponse {
  method: Method;
  /** What stands behind the host and `/api`, as the documents name it, with its query. */
  url: string;
  request: unknown;
  status: number;
  body: unknown;
}

/** Calls one sandbox, and keeps every response. */
export class RecordingCaller {
  readonly responses: SandboxResponse[] = [];

  constructor(readonly sandbox: Sandbox) {}

  /** The body of the response, whatever the status. A body that is not JSON is a string. */
  async send(method: Method, url: string, request?: object): Promise<Json> {
    const content = request && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    };
    const response = await fetch(new URL(`/api${url}`, this.sandbox.url), { method, ...content });
    const body = parsed(await response.text());
    this.responses.push({ method, url, request, status: response.status, body });
    return body as Json;
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
