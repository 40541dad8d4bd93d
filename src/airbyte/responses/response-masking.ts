import { isObject } from '../../text/json-object';
import type { Mask } from '../../text/masking/secret-mask';
import type { HttpResponse } from './http-response';

/** The client reads nothing of a response that is nested as deep as this. */
const MAXIMUM_DEPTH = 100;

/**
 * The fields that lead to the texts of a job: its attempts, their failures and logs, and the job of a check or a
 * discovery.
 */
const JOB_FIELDS: ReadonlySet<string> = new Set([
  ...['job', 'jobs', 'data', 'attempts', 'attempt', 'jobInfo', 'logs', 'events'],
  ...['failureSummary', 'failures', 'failureReason', 'streamStats', 'streamAggregatedStats'],
]);

/** The fields of a job, a check or a discovery that hold texts of connectors or of Airbyte, or names of streams. */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  ...[
    'message',
    'externalMessage',
    'internalMessage',
    'stacktrace',
    'stackTrace',
    'logLines',
    'statusReason',
    'reason',
    'error',
  ],
  ...['streamName', 'streamNamespace'],
]);

/**
 * An error response with the secrets masked in all of it, and in the address that it redirects to. Each text of a JSON
 * body is masked on its own, because the mask also finds the beginning of a secret at the end of a text.
 */
export function maskErrorResponse(response: HttpResponse, mask: Mask): HttpResponse {
  const { headers, body } = response;
  const { location } = headers;
  return {
    ...response,
    headers: location === undefined ? headers : { ...headers, location: mask(String(location)) },
    body: body.text === undefined ? { json: maskAll(body.json, mask, 0) } : { text: mask(body.text) },
  };
}

/**
 * The JSON of a response with the secrets masked in its texts. Names, ids, configurations and catalogs stay as they
 * are, because they are data that may be sent back to Airbyte.
 */
export function maskTexts(json: unknown, mask: Mask, depth = 0): unknown {
  if (depth > MAXIMUM_DEPTH) return json;
  if (Array.isArray(json)) return json.map((item) => maskTexts(item, mask, depth + 1));
  if (!isObject(json)) return json;
  let masked = json;
  for (const [field, value] of Object.entries(json)) {
    if (value === null || value === undefined) continue;
    const maskedValue = TEXT_FIELDS.has(field)
      ? maskAll(value, mask, depth)
      : JOB_FIELDS.has(field)
        ? maskTexts(value, mask, depth + 1)
        : value;
    if (maskedValue === value) continue;
    // Only an object with a masked text is copied: a catalog may have megabytes.
    if (masked === json) masked = { ...json };
    masked[field] = maskedValue;
  }
  return masked;
}

function maskAll(value: unknown, mask: Mask, depth: number): unknown {
  if (typeof value === 'string') return mask(value);
  if (depth > MAXIMUM_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => maskAll(item, mask, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskAll(item, mask, depth + 1)]));
}
