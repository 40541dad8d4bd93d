import { inspect, types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, GracefulShutdownPeriodExpiredError, type LogEntry, Runtime } from '@temporalio/worker';
import { escapeControls } from '../src/text/control-characters';
import { SecretMask } from '../src/text/masking/secret-mask';

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

/** Takes the secrets of all workers of this process out of the log, whoever writes to it and whatever of. */
export const logMasking = new SecretMask();

/**
 * Makes the worker's log one line an entry, on stderr, that of the SDK's native code included. Once in a process, before
 * anything of Temporal's worker is used. The runtime keeps the process alive until it is shut down, which the last worker
 * does: where no worker has started, the caller has to.
 */
export function installLogger(): Runtime {
  return Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => {
      if (!isForcedShutdownEntry(entry)) process.stderr.write(`${logMasking.mask(toLine(entry))}\n`);
    }),
    // Left to itself, the native code writes to stdout, in colours.
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}

/** The SDK takes it for a failure of the worker; `runWorker` says what it is: calls that another worker takes up. */
function isForcedShutdownEntry({ message, meta }: LogEntry): boolean {
  return message === 'Worker failed' && meta?.['error'] instanceof GracefulShutdownPeriodExpiredError;
}

/**
 * `2026-01-31T12:00:00.000Z INFO Job 7 succeeded workflowId=airbyte-sync:… jobId=7 …`. Messages and fields hold names and
 * messages of others; whatever is in them, it stays one line, and none of it is taken for a command by a terminal.
 */
export function toLine({ timestampNanos, level, message, meta = {} }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const fields = Object.entries(meta).filter(([key, value]) => value !== undefined && !NOISE.has(key));
  const texts = fields.map(([key, value]) => `${key}=${toText(value)}`);
  return escapeControls([time, level, message, ...texts].join(' '));
}

function toText(value: unknown): string {
  // Also one that another thread has made.
  if (types.isNativeError(value)) return toErrorText(value);
  return typeof value === 'string'
    ? quoteIfNeeded(value)
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 4 });
}

function toErrorText(error: Error): string {
  // A failure of ours says all in its message; of anything unexpected the stack is wanted.
  if (error instanceof ApplicationFailure && error.type) return `${error.type}: ${quoteIfNeeded(error.message)}`;
  // Out of the workflows' thread it comes as a copy that has lost its class and type; the stack still begins with the name.
  // That of a failure which the server has sent there is empty, and what has failed below says why.
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
