/** Connections of a sandbox whose source is the fake connector: it writes whatever lines a test gives it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type SandboxOptions, startSandbox } from '../../sandbox/server';
import { ApiCaller } from '../unit/sandbox/api-caller';
import { parquetRows } from '../unit/sandbox/parquet-rows';

/** Where the fake connector lies. Its configuration says what it does. */
export const FAKE_CONNECTOR = path.join(__dirname, '..', 'unit', 'sandbox', 'fake-connector.mjs');

export interface FakeSource {
  /** What it writes when it is read, line by line. */
  lines?: string[];
  /** Its streams, as the protocol has them. Default: `users` with an integer `id`. */
  streams?: object[];
  [field: string]: unknown;
}

interface Destination {
  definition: string;
  configuration: Record<string, unknown>;
}

/** A sandbox that has the fake connector, and what its tests do again and again. */
export class FakeConnections {
  private constructor(readonly caller: ApiCaller) {}

  /** @param further - more connectors, by the name of their definition */
  static async start(folder: string, options: SandboxOptions = {}, further: object = {}): Promise<FakeConnections> {
    const connectorsFile = path.join(folder, 'connectors.json');
    await writeFile(connectorsFile, JSON.stringify({ Fake: [process.execPath, FAKE_CONNECTOR], ...further }));
    return new FakeConnections(new ApiCaller(await startSandbox({ ...options, connectorsFile, dataDir: folder })));
  }

  /** A connection of every stream of the source; `config` is added to each stream's. */
  async connect(
    source: FakeSource,
    to: Destination | string,
    config: object = {},
    fields: object = {},
    definition = 'Fake',
  ): Promise<string> {
    const sourceId = await this.caller.createActor('source', definition, source);
    const { definition: destination, configuration } = typeof to === 'string' ? parquetBucket(to) : to;
    const destinationId = await this.caller.createActor('destination', destination, configuration);
    const { catalog } = await this.caller.call('sources/discover_schema', { sourceId });
    const streams = (catalog.streams as { stream: object; config: object }[]).map(({ stream, config: proposed }) => ({
      stream,
      config: { ...proposed, ...config, selected: true },
    }));
    const request = { sourceId, destinationId, status: 'active', syncCatalog: { streams }, ...fields };
    return (await this.caller.call('connections/create', request)).connectionId;
  }

  /** Runs a sync to its end: its status, its first failure, and its log. */
  async sync(connectionId: string): Promise<{ status: string; failure?: Failure; records: number; log: string }> {
    const { job, attempts } = await this.caller.runToEnd(connectionId);
    const { attempt, logs } = attempts[0];
    return {
      status: job.status,
      failure: attempt.failureSummary?.failures[0],
      records: attempt.recordsSynced ?? 0,
      log: JSON.stringify(logs),
    };
  }

  /** The rows in every Parquet file of a bucket, in no order. */
  async rows(bucket: string): Promise<Record<string, unknown>[]> {
    const folder = path.join(this.caller.sandbox.dataDir, bucket);
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.parquet'));
    const rows = await Promise.all(files.map(async (file) => parquetRows(await readFile(path.join(folder, file)))));
    return rows.flat();
  }

  stop(): Promise<void> {
    return this.caller.sandbox.stop();
  }
}

interface Failure {
  failureOrigin: string;
  failureType: string;
  externalMessage: string;
}

function parquetBucket(name: string): Destination {
  return { definition: 'S3', configuration: { s3_bucket_name: name, format: { format_type: 'Parquet' } } };
}

/** The line of a record. `data` is its JSON, so that a test can write numbers that JavaScript has not. */
export function recordLine(data: string, stream = 'users', more = ''): string {
  return `{"type":"RECORD","record":{"stream":"${stream}","data":${data},"emitted_at":1700000000000${more}}}`;
}

/** The line of a stream's state. */
export function stateLine(state: string, stream = 'users'): string {
  return `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"${stream}"},"stream_state":${state}}}}`;
}

/** The line of a stream's status. */
export function statusLine(status: string, stream = 'users'): string {
  return `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"${stream}"},"status":"${status}"}}}`;
}

/** A stream with these fields, each by its JSON schema. */
export function streamOf(properties: Record<string, object>, name = 'users', more: object = {}): object {
  return {
    name,
    json_schema: { type: 'object', properties },
    supported_sync_modes: ['full_refresh', 'incremental'],
    ...more,
  };
}
