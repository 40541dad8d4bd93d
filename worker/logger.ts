import { inspect, types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import {
  DefaultLogger,
  GracefulShutdownPeriodExpiredError,
  type LogEntry,
  type MetricsExporterConfig,
  Runtime,
} from '@temporalio/worker';
import { escapeControls } from '../src/text/control-characters';
import { SecretMask } from '../src/text/masking/secret-mask';

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

/** Masks the secrets of all workers of this process in every log entry. */
export const logMasking = new SecretMask();

/**
 * Writes each log entry of the worker as one line to stderr, including those of the SDK's native code. Call it once in a
 * process, before any use of Temporal's worker. The runtime keeps the process alive until it is shut down. The last worker shuts
 * it down; if no worker has started, the caller must.
 *
 * @param metrics how the runtime exports its metrics; left out: not at all
 */
export function installRuntime(metrics?: MetricsExporterConfig): Runtime {
  return Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => {
      if (!isForcedShutdownEntry(entry)) process.stderr.write(`${logMasking.mask(toLine(entry))}\n`);
    }),
    // By default the native code writes to stdout, in colours.
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metrics && { metrics }),
    },
  });
}

/** The SDK logs a forced shutdown as a failure of the worker. `runWorker` logs what it means: another worker retries the calls. */
function isForcedShutdownEntry({ message, meta }: LogEntry): boolean {
  return message === 'Worker failed' && meta?.['error'] instanceof GracefulShutdownPeriodExpiredError;
}

/**
 * `2026-01-31T12:00:00.000Z INFO Job 7 succeeded workflowId=airbyte-sync:… jobId=7 …`. Messages and fields may contain texts from
 * elsewhere, so control characters are escaped: an entry stays one line, and no terminal interprets any of it.
 */
export function toLine({ timestampNanos, level, message, meta = {} }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const fields = Object.entries(meta).filter(([key, value]) => value !== undefined && !NOISE.has(key));
  const texts = fields.map(([key, value]) => `${key}=${toText(value)}`);
  return escapeControls([time, level, message, ...texts].join(' '));
}

function toText(value: unknown): string {
  // Unlike instanceof, it also recognises an error that another thread created.
  if (types.isNativeError(value)) return toErrorText(value);
  return typeof value === 'string'
    ? quoteIfNeeded(value)
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 4 });
}

function toErrorText(error: Error): string {
  // The message of a typed failure is enough; an unexpected error needs its stack.
  if (error instanceof ApplicationFailure && error.type) return `${error.type}: ${quoteIfNeeded(error.message)}`;
  // An error from the workflow thread is a copy without class and type, but its stack still starts with the name. The stack of
  // a failure that came from the server is empty, and its causes say why it failed.
  if (!error.stack || error.stack.startsWith('ApplicationFailure: '))
    return quoteIfNeeded(messagesOf(error).join(': '));
  return error.stack;
}

function messagesOf({ message, cause }: Error): string[] {
  return types.isNativeError(cause) ? [message, ...messagesOf(cause)] : [message];
}

function quoteIfNeeded(text: string): string {
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}
