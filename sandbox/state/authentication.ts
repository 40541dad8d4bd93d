import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How callers authenticate. */
export type SandboxAuthentication =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | {
      kind: 'client-credentials';
      clientId: string;
      clientSecret: string;
      /** How long a token is valid, in milliseconds. Default: 3 minutes, as in Airbyte. */
      tokenLifetimeMs?: number;
    };

const DEFAULT_TOKEN_LIFETIME_MS = 3 * 60_000;

/** An OAuth application: a program exchanges its credentials for access tokens. */
export interface Application {
  id: string;
  name: string;
  clientId: string;
  clientSecret: string;
  /** Seconds since 1970. */
  createdAt: number;
}

/** An access token, and how long it is valid, in milliseconds. */
export interface IssuedToken {
  token: string;
  lifetimeMs: number;
}

/** Authenticates callers and issues access tokens. */
export class Authentication {
  private readonly signingKey = randomBytes(32);
  /** When each token expires, in milliseconds since 1970. */
  private readonly tokens = new Map<string, number>();

  readonly applications = new Map<string, Application>();

  constructor(private readonly required: SandboxAuthentication) {
    const own = newApplication('Default User Application');
    if (required.kind === 'client-credentials') {
      own.clientId = required.clientId;
      own.clientSecret = required.clientSecret;
    }
    this.applications.set(own.id, own);
  }

  get kind(): SandboxAuthentication['kind'] {
    return this.required.kind;
  }

  /**
   * Whether Airbyte itself authenticates callers and so knows their roles. Basic authentication is done by a proxy in
   * front of it.
   */
  get isAirbyteOwn(): boolean {
    return this.kind === 'bearer' || this.kind === 'client-credentials';
  }

  admits({ authorization = '' }: IncomingHttpHeaders): boolean {
    const [scheme = '', credentials = ''] = authorization.split(' ', 2);
    switch (this.required.kind) {
      case 'none':
        return true;
      case 'basic': {
        const { username, password } = this.required;
        const expected = Buffer.from(`${username}:${password}`).toString('base64');
        return scheme.toLowerCase() === 'basic' && credentials === expected;
      }
      case 'bearer':
        return scheme.toLowerCase() === 'bearer' && credentials === this.required.token;
      case 'client-credentials':
        return scheme.toLowerCase() === 'bearer' && (this.tokens.get(credentials) ?? 0) > Date.now();
    }
  }

  /**
   * Issues a token, or returns undefined if the credentials are wrong. Where no credentials are required, any are
   * accepted.
   */
  issueToken(clientId: string, clientSecret: string): IssuedToken | undefined {
    const { required } = this;
    const isRequired = required.kind === 'client-credentials';
    const isKnown = [...this.applications.values()].some(
      (application) => application.clientId === clientId && application.clientSecret === clientSecret,
    );
    if (isRequired && !isKnown) return undefined;
    const lifetimeMs = (isRequired ? required.tokenLifetimeMs : undefined) ?? DEFAULT_TOKEN_LIFETIME_MS;
    const issuedAt = Date.now();
    const token = this.sign({
      iss: 'airbyte-sandbox',
      sub: clientId,
      iat: Math.floor(issuedAt / 1000),
      exp: Math.floor((issuedAt + lifetimeMs) / 1000),
      jti: randomBytes(8).toString('hex'),
    });
    this.tokens.set(token, issuedAt + lifetimeMs);
    return { token, lifetimeMs };
  }

  /** Invalidates every token early, as a restart of the server does. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  private sign(claims: object): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${content}.${createHmac('sha256', this.signingKey).update(content).digest('base64url')}`;
  }
}

/** Creates an application of this name with new credentials. */
export function newApplication(name: string): Application {
  const clientSecret = randomBytes(24).toString('base64url');
  const createdAt = Math.floor(Date.now() / 1000);
  return { id: randomUUID(), name, clientId: randomUUID(), clientSecret, createdAt };
}
