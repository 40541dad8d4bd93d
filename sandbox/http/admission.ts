/**
 * Who may call a sandbox. It runs on the machine of somebody who has a browser open, and any web page can have that browser
 * send requests here: right away, which shows in `Origin`; or, having made its own name lead to 127.0.0.1, under that
 * name, which shows in `Host`. The control calls can do more than an Airbyte's, and ask for a token besides, since
 * other users of the machine reach them as well.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { ApiResponse } from '../api/response';

/** Domains that no stranger can have: of this machine, of containers and of clusters. */
const PRIVATE_DOMAINS = ['localhost', 'local', 'internal', 'svc', 'svc.cluster.local'];

export interface AdmissionOptions {
  /** Names by which others reach the sandbox, beside addresses, `localhost`, names without a dot and private domains. */
  allowedHosts?: readonly string[];
  /** What control calls have to say. Default: a new one, which nobody can guess. */
  controlToken?: string;
}

export class Admission {
  readonly controlToken: string;
  readonly #hosts: ReadonlySet<string>;

  constructor({ allowedHosts = [], controlToken = randomBytes(24).toString('base64url') }: AdmissionOptions = {}) {
    this.controlToken = controlToken;
    this.#hosts = new Set([hostname(), ...allowedHosts].map((host) => host.toLowerCase()));
  }

  /** Why a request is not answered, or undefined where it is. */
  refusal({ host, origin }: IncomingHttpHeaders): ApiResponse | undefined {
    const name = nameOfHost(host);
    if (name === undefined || !this.#isOurs(name)) {
      return refused(
        421,
        `The sandbox does not answer to the host '${host ?? ''}', which a web page could have chosen. Call it by its address or as localhost, or start it with --allow-host ${name ?? 'NAME'}.`,
      );
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return refused(403, 'The sandbox answers no web page of another origin.');
    }
    return undefined;
  }

  /** Why a control call is not answered, or undefined where it is. */
  controlRefusal({ authorization }: IncomingHttpHeaders): ApiResponse | undefined {
    if (authorization !== undefined && isEqual(authorization, `Bearer ${this.controlToken}`)) return undefined;
    return refused(
      401,
      'The control calls of the sandbox need its token: Authorization: Bearer TOKEN. The sandbox prints it as controlToken when it is ready, or takes yours from SANDBOX_CONTROL_TOKEN.',
    );
  }

  #isOurs(name: string): boolean {
    // A page's own name has a dot: a top-level domain alone has no address.
    if (isIP(name) !== 0 || !name.includes('.') || this.#hosts.has(name)) return true;
    return PRIVATE_DOMAINS.some((domain) => name.endsWith(`.${domain}`));
  }
}

/** The name or address in a `Host` header, without its port. */
function nameOfHost(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

function refused(status: number, message: string): ApiResponse {
  return { status, body: { message } };
}

/** Compares in a time that tells nothing of either. */
function isEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
