/**
 * Who may call a sandbox. The sandbox runs on a developer's machine, where any web page can make the browser send
 * requests to it. A page can do that directly, which shows in the header `Origin`; or it resolves its own domain to
 * 127.0.0.1, which shows in the header `Host`. The control calls can do more than an Airbyte API and other users of the
 * machine can reach them, so they require a token as well.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { ApiResponse } from '../api/response';

/** Domains that no web page can have, because they belong to this machine, to containers or to clusters. */
const PRIVATE_DOMAINS = ['localhost', 'local', 'internal', 'svc', 'svc.cluster.local'];

export interface AdmissionOptions {
  /**
   * Further host names that are allowed. Addresses, `localhost`, names without a dot and private domains always are.
   */
  allowedHosts?: readonly string[];
  /** The token that control calls must send. Default: a new random token. */
  controlToken?: string;
}

export class Admission {
  readonly controlToken: string;
  readonly #hosts: ReadonlySet<string>;

  constructor({ allowedHosts = [], controlToken = randomBytes(24).toString('base64url') }: AdmissionOptions = {}) {
    this.controlToken = controlToken;
    this.#hosts = new Set([hostname(), ...allowedHosts].map((host) => host.toLowerCase()));
  }

  /** The error response for a request that is not allowed; undefined for an allowed one. */
  rejection({ host, origin }: IncomingHttpHeaders): ApiResponse | undefined {
    const name = nameOfHost(host);
    if (name === undefined || !this.#isAllowed(name)) {
      return rejected(
        421,
        `The sandbox rejects requests to the host '${host ?? ''}', because a web page could have chosen that name. Call the sandbox by its address or as localhost, or start it with --allow-host ${name ?? 'NAME'}.`,
      );
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return rejected(403, 'The sandbox rejects requests from web pages of other origins.');
    }
    return undefined;
  }

  /** The error response for a control call that is not allowed; undefined for an allowed one. */
  controlRejection({ authorization }: IncomingHttpHeaders): ApiResponse | undefined {
    if (authorization !== undefined && isEqual(authorization, `Bearer ${this.controlToken}`)) return undefined;
    return rejected(
      401,
      'The control calls of the sandbox require its token: Authorization: Bearer TOKEN. The sandbox prints the token as controlToken when it is ready; SANDBOX_CONTROL_TOKEN sets it.',
    );
  }

  #isAllowed(name: string): boolean {
    // A web page's domain contains a dot, because a top-level domain alone has no address.
    if (isIP(name) !== 0 || !name.includes('.') || this.#hosts.has(name)) return true;
    return PRIVATE_DOMAINS.some((domain) => name.endsWith(`.${domain}`));
  }
}

/** The name or address in a `Host` header, without its port. */
function nameOfHost(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

function rejected(status: number, message: string): ApiResponse {
  return { status, body: { message } };
}

/** Compares two texts in constant time, so that a caller cannot guess the token by timing. */
function isEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
