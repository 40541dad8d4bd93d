import { constants } from 'node:os';
import type { Command } from 'commander';
import { logFormat } from '../../src/configuration/log-settings';
import { metricsSettings } from '../../src/configuration/metrics-settings';
import { installRuntime } from '../../worker/logger';
import { exportMetrics } from '../../worker/metrics/sdk-metrics';
import { runWorker } from '../../worker/run-worker';
import { type CommandContext, outputOf } from '../command-context';
import { ignoreClosedOutput } from '../render/closed-output';

/** How the line begins that says that the worker has started. The demo waits for this line. */
export const WORKER_READY = 'Ready:';

const SHUTTING_DOWN =
  'Shutting down: waiting up to 8 seconds for calls to Airbyte to finish. A second signal ends the worker immediately.';

export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .summary('run a worker, the process that does the work')
    .description(
      'Runs a worker, which polls Temporal for tasks and carries them out in Airbyte. You can run any number of workers. It requires AIRBYTE_URL, and connects to Temporal at TEMPORAL_ADDRESS (default: localhost:7233).',
    )
    .option(
      '--webhook <[host:]port>',
      'listen for notifications from Airbyte at this port (default: AIRBYTE_WEBHOOK_PORT; 127.0.0.1 if there is no host)',
    )
    .action(async ({ webhook }: { webhook?: string }) => {
      const output = outputOf(context, {});
      output.note('A worker polls Temporal for tasks and carries them out in Airbyte. Connecting …');
      ignoreClosedOutput(process);
      const { logLevel = 'info' } = context.terminal;
      const env = withWebhook(context.terminal.env, webhook);
      const metrics = await exportMetrics(metricsSettings(env));
      const signals = new WorkerShutdownSignals(() => output.note(SHUTTING_DOWN));
      const runtime = installRuntime({ format: logFormat(env), level: logLevel, metrics: metrics?.exporter });
      try {
        await runWorker({
          env,
          readMetrics: metrics?.read,
          onReady: ({ address, namespace, taskQueue, airbyte, airbyteProblem, registeredSearchAttributes }) => {
            if (registeredSearchAttributes.length > 0) {
              output.note(`Registered the search attributes ${registeredSearchAttributes.join(', ')}.`);
            }
            const reached = airbyteProblem === undefined ? '' : `, which it cannot reach: ${airbyteProblem}`;
            const served = `serves the Airbyte at ${airbyte}${reached}`.replace(/\.$/, '');
            output.note(
              `${WORKER_READY} polls the task queue '${taskQueue}' of Temporal at ${address} (namespace '${namespace}'), and ${served}. Ctrl-C stops the worker: running syncs continue, and another worker waits for them.`,
            );
            signals.markRunning();
          },
        });
      } finally {
        signals[Symbol.dispose]();
        await metrics?.close();
        await runtime.shutdown();
      }
      output.note('The worker has stopped. Running syncs continue in Airbyte and in Temporal.');
    });
}

/** The environment in which `--webhook` takes precedence. */
function withWebhook(env: NodeJS.ProcessEnv, address: string | undefined): NodeJS.ProcessEnv {
  if (address === undefined) return env;
  const [, host, port = ''] = /^(?:(.*):)?(.*)$/.exec(address) ?? [];
  return { ...env, AIRBYTE_WEBHOOK_PORT: port, ...(host && { AIRBYTE_WEBHOOK_HOST: host.replace(/^\[|\]$/g, '') }) };
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

type Signal = (typeof SIGNALS)[number];

/** The process that receives the signals, or a stand-in in tests. */
export interface SignalledProcess {
  on(signal: Signal, listener: (signal: Signal) => void): unknown;
  off(signal: Signal, listener: (signal: Signal) => void): unknown;
  exit(code: number): void;
}

/**
 * Handles signals to a worker. Temporal's runtime starts a graceful shutdown at the first signal. In addition, a signal that
 * arrives before the worker polls ends the process, which has nothing to shut down yet, and a second signal ends it
 * immediately.
 */
export class WorkerShutdownSignals {
  #working = false;
  #stopping = false;
  readonly #listener = (signal: Signal): void => {
    if (!this.#working) this.signalled.exit(0);
    else if (this.#stopping) this.signalled.exit(128 + constants.signals[signal]);
    else {
      this.#stopping = true;
      this.onShutdown();
    }
  };

  /** @param onShutdown called at the signal that starts the graceful shutdown */
  constructor(
    private readonly onShutdown: () => void,
    private readonly signalled: SignalledProcess = process,
  ) {
    for (const signal of SIGNALS) signalled.on(signal, this.#listener);
  }

  /** From now on, the first signal starts a graceful shutdown. */
  markRunning(): void {
    this.#working = true;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.signalled.off(signal, this.#listener);
  }
}
