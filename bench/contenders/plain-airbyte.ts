import { Pool } from 'undici';

/** As many connections as our own client has for its reads. */
const CONNECTIONS = 32;

/** The two calls that running a sync takes, as everybody writes them. */
export class PlainAirbyte {
  private readonly pool: Pool;
  private readonly basePath: string;

  /** @param url base of the Config API */
  constructor(url: string) {
    const { origin, pathname } = new URL(url);
    this.pool = new Pool(origin, { connections: CONNECTIONS });
    this.basePath = pathname;
  }

  /** Starts a job. @returns its id */
  async startSync(connectionId: string): Promise<number> {
    return (await this.post('connections/sync', { connectionId })).job.id;
  }

  /** The job's status at this moment. */
  async jobStatus(jobId: number): Promise<string> {
    return (await this.post('jobs/get', { id: jobId })).job.status;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async post(call: string, body: object): Promise<{ job: { id: number; status: string } }> {
    const { statusCode, body: response } = await this.pool.request({
      path: `${this.basePath}/${call}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (statusCode !== 200) throw new Error(`${call} responded with ${statusCode}: ${text}`);
    return JSON.parse(text);
  }
}
