import { isObject } from '../../text/json-object';
import type { Mask } from '../../text/masking/secret-mask';
import type { Answer } from './response-errors';

/** Nothing that we read of a response is as deep as this. */
const MAXIMUM_DEPTH = 100;

/** The fields that lead to the texts of a job: its attempts, their failures and logs, and the job of a check or a discovery. */
const JOB_FIELDS: ReadonlySet<string> = new Set([
  ...['job', 'jobs', 'data', 'attempts', 'attempt', 'jobInfo', 'logs', 'events'],
  ...['failureSummary', 'failures', 'failureReason', 'streamStats', 'streamAggregatedStats'],
]);

/** The fields of a job, of a check or of a discovery that hold texts of connectors or of Airbyte, and names of streams. */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  ...['message', 'externalMessage', 'internalMessage', 'stacktrace', 'logLines', 'statusReason', 'reason', 'error'],
  ...['streamName', 'streamNamespace'],
]);

/** An error response with the secrets taken out of all of it, also of the address that it redirects to. */
export function maskErrorResponse(answer: Answer, mask: Mask): Answer {
  const { location } = answer.headers;
  const headers = location === undefined ? answer.headers : { ...answer.headers, location: mask(String(location)) };
  return { ...answer, headers, body: maskBody(answer.body, mask) };
}

/** Each text on its own, since in one that ends with a part of a secret that part is masked too. */
function maskBody(body: string, mask: Mask): string {
  try {
    return JSON.stringify(maskAll(JSON.parse(body), mask, 0)) ?? body;
  } catch {
    return mask(body);
  }
}

/**
 * The JSON of a response with the secrets taken out of the texts in it. Names, ids, configurations and catalogs are data
 * that may be sent back, and stay as they are.
 */
export function maskTexts(json: unknown, mask: Mask, depth = 0): unknown {
  if (depth > MAXIMUM_DEPTH) return json;
  if (Array.isArray(json)) return json.map((item) => maskTexts(item, mask, depth + 1));
  if (!isObject(json)) return json;
  let masked = json;
  for (const [field, value] of Object.entries(json)) {
    if (value === null || value === undefined) continue;
    const inPlace = TEXT_FIELDS.has(field)
      ? maskAll(value, mask, depth)
      : JOB_FIELDS.has(field)
        ? maskTexts(value, mask, depth + 1)
        : value;
    if (inPlace === value) continue;
    // What a job does not have, such as a catalog of megabytes, is not copied.
    if (masked === json) masked = { ...json };
    masked[field] = inPlace;
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
