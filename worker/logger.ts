import {
  DefaultLogger,
  GracefulShutdownPeriodExpiredError,
  type LogEntry,
  type MetricsExporterConfig,
  Runtime,
} from '@temporalio/worker';
import type { LogFormat, LogLevel } from '../src/configuration/log-settings';
import { SecretMask } from '../src/text/masking/secret-mask';
import { SDK_LOG_LEVELS, toJsonLine, toLine } from './log-lines';

export interface RuntimeSettings {
  format: LogFormat;
  level: LogLevel;
  /** How the runtime exports its metrics; left out: not at all. */
  metrics?: MetricsExporterConfig | undefined;
}

/** Masks the secrets of all workers of this process in every log entry. */
export const logMasking = new SecretMask();

/**
 * Writes each log entry of the worker as one line to stderr, including those of the SDK's native code. Call it once in a
 * process, before any use of Temporal's worker. The runtime keeps the process alive until it is shut down. The last worker shuts
 * it down; if no worker has started, the caller must.
 */
export function installRuntime({ format, level, metrics }: RuntimeSettings): Runtime {
  const write = format === 'json' ? toJsonLine : toLine;
  return Runtime.install({
    logger: new DefaultLogger(SDK_LOG_LEVELS[level], (entry) => {
      if (!isForcedShutdownEntry(entry)) process.stderr.write(`${logMasking.mask(write(entry))}\n`);
    }),
    // By default the native code writes to stdout, in colours.
    telemetryOptions: {
      logging: { filter: { core: level === 'debug' ? 'INFO' : 'WARN', other: 'ERROR' }, forward: {} },
      ...(metrics && { metrics }),
    },
  });
}

/** The SDK logs a forced shutdown as a failure of the worker. `runWorker` logs what it means: another worker retries the calls. */
function isForcedShutdownEntry({ message, meta }: LogEntry): boolean {
  return message === 'Worker failed' && meta?.['error'] instanceof GracefulShutdownPeriodExpiredError;
}
