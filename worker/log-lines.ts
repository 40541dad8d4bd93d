import { inspect, types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { LogEntry } from '@temporalio/worker';
import { parseSyncWorkflowId } from '../src/contract/workflow-ids';
import { escapeControls } from '../src/text/control-characters';

/** The levels of our log, in the SDK's words. */
export const SDK_LOG_LEVELS = { error: 'ERROR', warn: 'WARN', info: 'INFO', debug: 'DEBUG' } as const;

/** Fields that the SDK adds to each entry and that the log leaves out: internal ids, and values that are the same in every entry. */
const NOISE: ReadonlySet<string> = new Set([
  'sdkComponent',
  'taskToken',
  'taskQueue',
  'namespace',
  'isLocal',
  'activityId',
  'workflowType',
]);

/**
 * The type of the failure in the field `error`, which is a copy from the workflow thread without its class and type: see
 * workflows/failure-log.ts.
 */
const FAILURE_TYPE_FIELD = 'failureType';

/** The SDK's names of fields that other entries name in another way. */
const COMMON_NAMES: Readonly<Record<string, string>> = { workflowRunId: 'runId' };

/**
 * `2026-01-31T12:00:00.000Z INFO Job 7 succeeded workflowId=airbyte-sync:… jobId=7 …`. Messages and fields may contain texts from
 * elsewhere, so control characters are escaped: an entry stays one line, and no terminal interprets any of it.
 */
export function toLine(entry: LogEntry): string {
  const fields = fieldsOf(entry).map(([key, value]) => `${key}=${toText(value)}`);
  return escapeControls([timeOf(entry), entry.level, entry.message, ...fields].join(' '));
}

/**
 * `{"time":"2026-01-31T12:00:00.000Z","level":"info","message":"Job 7 succeeded","workflowId":"airbyte-sync:…","jobId":7}`: one
 * JSON object on one line. A field that has the name of one of the first three is left out.
 */
export function toJsonLine(entry: LogEntry): string {
  const { level, message, meta = {} } = entry;
  const sync = typeof meta['workflowId'] === 'string' ? parseSyncWorkflowId(meta['workflowId']) : undefined;
  const reserved = { time: timeOf(entry), level: level.toLowerCase(), message };
  // The first one sets the order, and the last one the values.
  const document = { ...reserved, ...sync, ...Object.fromEntries(fieldsOf(entry)), ...reserved };
  return escapeControls(stringify(document));
}

function timeOf({ timestampNanos }: LogEntry): string {
  return new Date(Number(timestampNanos / 1_000_000n)).toISOString();
}

function fieldsOf({ meta = {} }: LogEntry): [key: string, value: unknown][] {
  const { [FAILURE_TYPE_FIELD]: type, ...fields } = meta;
  if (typeof type === 'string' && types.isNativeError(fields['error'])) {
    fields['error'] = ApplicationFailure.create({ type, message: fields['error'].message });
  }
  return Object.entries(fields)
    .filter(([key, value]) => value !== undefined && !NOISE.has(key))
    .map(([key, value]) => [COMMON_NAMES[key] ?? key, value]);
}

function stringify(document: Record<string, unknown>): string {
  try {
    return JSON.stringify(document, toJson);
  } catch {
    // A cycle, or a `toJSON` that throws: texts have neither.
    return JSON.stringify(Object.fromEntries(Object.entries(document).map(([key, value]) => [key, toText(value)])));
  }
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!types.isNativeError(value)) return value;
  const { name, message, stack, cause } = value;
  // A copy from the workflow thread has lost its type.
  const type = value instanceof ApplicationFailure ? (value.type ?? name) : isUnexpected(value) ? name : undefined;
  return { type, message, ...(isUnexpected(value) && { stack }), ...(cause !== undefined && { cause }) };
}

function toText(value: unknown): string {
  // Unlike instanceof, it also recognises an error that another thread created.
  if (types.isNativeError(value)) return toErrorText(value);
  return typeof value === 'string'
    ? quoteIfNeeded(value)
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 4 });
}

function toErrorText(error: Error): string {
  if (isUnexpected(error)) return error.stack ?? '';
  if (error instanceof ApplicationFailure && error.type) return `${error.type}: ${quoteIfNeeded(error.message)}`;
  return quoteIfNeeded(messagesOf(error).join(': '));
}

/** Whether the log needs the stack of an error. The message of a typed failure is enough. */
function isUnexpected(error: Error): boolean {
  if (error instanceof ApplicationFailure && error.type) return false;
  // An error from the workflow thread is a copy without class and type, but its stack still starts with the name. The stack of
  // a failure that came from the server is empty, and its causes say why it failed.
  return Boolean(error.stack) && !error.stack?.startsWith('ApplicationFailure: ');
}

function messagesOf({ message, cause }: Error): string[] {
  return types.isNativeError(cause) ? [message, ...messagesOf(cause)] : [message];
}

function quoteIfNeeded(text: string): string {
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}
