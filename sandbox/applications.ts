import { randomBytes, randomUUID } from 'node:crypto';

/** What a program authenticates with: its credentials are exchanged for tokens. */
export interface Application {
  id: string;
  name: string;
  clientId: string;
  clientSecret: string;
  /** Seconds since 1970. */
  createdAt: number;
}

/** A new application of this name, with credentials of its own. */
export function newApplication(name: string): Application {
  const clientSecret = randomBytes(24).toString('base64url');
  const createdAt = Math.floor(Date.now() / 1000);
  return { id: randomUUID(), name, clientId: randomUUID(), clientSecret, createdAt };
}
