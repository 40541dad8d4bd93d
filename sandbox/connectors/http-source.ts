/** Reads one stream of records from one URL, whose JSON response is the table. */
import { z } from 'zod';
import { checkWith, parseConfiguration } from './configuration';
import { reasonOf } from './error-reason';
import { ExactNumber, parseJson } from './exact-json';
import { type AirbyteMessage, ConnectorError, type ProtocolStream, type SourceConnector } from './protocol';

const REQUEST_TIMEOUT_MS = 60_000;
/** The largest response, in bytes. It is held in memory as a whole. */
const MAXIMUM_RESPONSE_BYTES = 64 * 1024 * 1024;

const configurationSchema = z.looseObject({
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  api_key: z.string().optional(),
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(['GET', 'POST']))
    .default('GET'),
});

type Configuration = z.output<typeof configurationSchema>;

const specification = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'REST API source',
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string', format: 'uri', title: 'URL', order: 0 },
    api_key: {
      type: 'string',
      title: 'API key',
      description: 'Sent as `Authorization: Bearer …`.',
      airbyte_secret: true,
      order: 1,
    },
    method: { type: 'string', enum: ['GET', 'POST'], default: 'GET', title: 'Method', order: 2 },
  },
  additionalProperties: true,
};

type Row = Record<string, unknown>;

export function createHttpSource(): SourceConnector {
  const parse = (config: Row): Configuration => parseConfiguration(configurationSchema, config);
  return {
    spec: async () => specification,

    check: (config, signal) =>
      checkWith(async () => {
        await fetchRows(parse(config), signal);
      }, signal),

    async discover(config, signal) {
      const configuration = parse(config);
      return [toStream(configuration, await fetchRows(configuration, signal))];
    },

    async *read(config, catalog, _state, signal): AsyncGenerator<AirbyteMessage> {
      const configuration = parse(config);
      const name = streamName(configuration);
      for (const { stream } of catalog.streams) {
        if (stream.name !== name) {
          throw new ConnectorError(`there is no stream "${stream.name}"; this URL provides "${name}"`, 'config_error');
        }
        for (const data of await fetchRows(configuration, signal)) {
          yield { type: 'RECORD', record: { stream: name, data, emitted_at: Date.now() } };
        }
        yield {
          type: 'TRACE',
          trace: {
            type: 'STREAM_STATUS',
            emitted_at: Date.now(),
            stream_status: { stream_descriptor: { name }, status: 'COMPLETE' },
          },
        };
      }
    },
  };
}

/** The URL without the parts that may contain secrets: credentials and the query. */
function printable({ url }: Configuration): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** The stream is named after the last part of the path: `/v1/customers` gives `customers`. */
function streamName({ url }: Configuration): string {
  const { pathname, hostname } = new URL(url);
  const last = pathname.split('/').filter(Boolean).at(-1);
  return (last === undefined ? hostname : decodeURIComponent(last)).replace(/\.json$/, '').replace(/\W+/g, '_');
}

/** @throws ConnectorError if the response is not JSON */
async function fetchRows(configuration: Configuration, signal: AbortSignal): Promise<Row[]> {
  const { api_key: apiKey, method, url } = configuration;
  const where = `${method} ${printable(configuration)}`;
  const { username, password } = new URL(url);
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const headers: Record<string, string> = { accept: 'application/json' };
  if (apiKey) headers['authorization'] = `Bearer ${apiKey}`;
  else if (username) {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  let response: Response;
  let body: string;
  try {
    response = await fetch(bare, {
      method,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    body = await readBody(response, where);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConnectorError) throw error;
    throw new ConnectorError(`${where} failed: ${networkReason(error)}`, 'transient_error', { cause: error });
  }
  if (!response.ok) {
    const kind = response.status >= 500 || response.status === 429 ? 'transient_error' : 'config_error';
    const said = body.replace(/\s+/g, ' ').trim().slice(0, 300);
    throw new ConnectorError(
      `${where} responded ${response.status} ${response.statusText}${said && `: ${said}`}`.trim(),
      kind,
    );
  }
  return rowsOf(body, where);
}

async function readBody(response: Response, where: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAXIMUM_RESPONSE_BYTES) {
      throw new ConnectorError(
        `the response of ${where} has more than ${MAXIMUM_RESPONSE_BYTES} bytes`,
        'config_error',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function networkReason(error: unknown): string {
  const isTimeout = (error as { name?: unknown }).name === 'TimeoutError';
  return isTimeout ? `no response within ${REQUEST_TIMEOUT_MS / 1000} s` : reasonOf(error);
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/**
 * The rows of a response: an array, the only array of an object (`data`, `items`, …), a single object, or JSON lines.
 */
function rowsOf(body: string, where: string): Row[] {
  const response = parseResponse(body, where);
  if (Array.isArray(response)) return response.map(toRow);
  if (!isRow(response)) return [toRow(response)];
  const arrays = Object.values(response).filter(
    (value): value is unknown[] => Array.isArray(value) && value.every(isRow),
  );
  const [only] = arrays;
  const named = ['data', 'items', 'results', 'records', 'rows'].map((name) => response[name]).find(Array.isArray);
  if (named) return named.map(toRow);
  return only && arrays.length === 1 ? only.map(toRow) : [response];
}

const toRow = (value: unknown): Row => (isRow(value) ? value : { value });

function parseResponse(body: string, where: string): unknown {
  if (body.trim() === '') return [];
  try {
    return parseJson(body);
  } catch (error) {
    const lines = body.split('\n').filter((line) => line.trim() !== '');
    try {
      if (lines.length > 1) return lines.map((line) => parseJson(line));
    } catch {
      // The response is not JSON lines either, so the first error is the more helpful one.
    }
    throw new ConnectorError(`the response of ${where} is not JSON: ${reasonOf(error)}`, 'config_error', {
      cause: error,
    });
  }
}

function toStream(configuration: Configuration, rows: Row[]): ProtocolStream {
  const types = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const seen = types.get(name) ?? new Set();
      types.set(name, seen.add(jsonType(value)));
    }
  }
  const properties = Object.fromEntries([...types].map(([name, seen]) => [name, { type: schemaType(seen) }]));
  return {
    name: streamName(configuration),
    json_schema: { type: 'object', properties },
    supported_sync_modes: ['full_refresh'],
  };
}

function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof ExactNumber) return value.isInteger ? 'integer' : 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/**
 * The types that a field had, in the form of a schema. A field that was always empty may hold anything, so it is a
 * string.
 */
function schemaType(seen: Set<string>): string[] {
  const types = new Set(seen);
  types.delete('null');
  if (types.has('number')) types.delete('integer');
  return ['null', ...(types.size === 0 ? ['string'] : types)];
}
