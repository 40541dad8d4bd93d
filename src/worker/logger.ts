import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';

/** What the SDK adds to each entry and nobody reads: ids of its own, and what is the same for every entry of a worker. */
const NOISE: ReadonlySet<string> = new Set([
  'sdkComponent',
  'taskToken',
  'taskQueue',
  'namespace',
  'isLocal',
  'activityId',
  'workflowType',
]);

/** Makes the worker's log one line an entry, on stderr. Once in a process, before anything of Temporal's worker is used. */
export function installLogger(): void {
  Runtime.install({ logger: new DefaultLogger('INFO', (entry) => process.stderr.write(`${toLine(entry)}\n`)) });
}

/** `2026-01-31T12:00:00.000Z INFO Job 7 succeeded workflowId=airbyte-sync:… jobId=7 …` */
export function toLine({ timestampNanos, level, message, meta = {} }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const fields = Object.entries(meta).filter(([key, value]) => value !== undefined && !NOISE.has(key));
  return [time, level, message, ...fields.map(([key, value]) => `${key}=${toText(value)}`)].join(' ');
}

function toText(value: unknown): string {
  // A failure of ours says all in its message; of anything unexpected the stack is wanted.
  if (value instanceof ApplicationFailure && value.type) return `${value.type}: ${quoted(value.message)}`;
  // Out of the workflows' thread it comes as a copy that has lost its class and type; the stack still begins with the name.
  if (value instanceof Error && value.stack?.startsWith('ApplicationFailure: ')) return quoted(value.message);
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string'
    ? quoted(value)
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
}

function quoted(text: string): string {
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}
