import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { RequestTracer } from '../../src/airbyte/request-tracer';
import { InvalidEnvironmentError } from '../../src/configuration/read-variable';
import { sendsTraceparent, type TracingSettings, tracingSettings } from '../../src/configuration/tracing-settings';
import type * as OpenTelemetry from './open-telemetry';
import type * as RequestSpans from './request-spans';
import type * as TemporalInterceptors from './temporal-interceptors';

export type Tracing = OpenTelemetry.Tracing;

/**
 * Begins to record and export traces, if the environment asks for it: see {@link tracingSettings}. Otherwise no package of
 * OpenTelemetry is loaded. The variables are shared with other programs, so one that cannot be used stops no work.
 *
 * @param warn called when traces cannot be exported
 */
export function startTracing(env: NodeJS.ProcessEnv, warn: (message: string) => void): Tracing | undefined {
  const settings = settingsOrWarning(env, warn);
  if (settings === undefined) return undefined;
  const { openTelemetryTracing }: typeof OpenTelemetry = require('./open-telemetry');
  return openTelemetryTracing(settings, warn);
}

function settingsOrWarning(env: NodeJS.ProcessEnv, warn: (message: string) => void): TracingSettings | undefined {
  try {
    return tracingSettings(env);
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    warn(`No traces are exported: ${error.message}`);
    return undefined;
  }
}

/**
 * Records the requests of an Airbyte client with the tracer that this process has registered: ours, or that of the program that hosts the worker.
 * A process without one loads no package of OpenTelemetry.
 */
export function requestTracerOfProcess(env: NodeJS.ProcessEnv): RequestTracer | undefined {
  if (!hasRegisteredTracer()) return undefined;
  const { requestSpans }: typeof RequestSpans = require('./request-spans');
  return requestSpans({ sendsTraceparent: sendsTraceparent(env) });
}

/** The same for a client of Temporal: workflows that it starts continue the current trace. */
export function clientInterceptorsOfProcess(): WorkflowClientInterceptor[] | undefined {
  if (!hasRegisteredTracer()) return undefined;
  const { clientInterceptors }: typeof TemporalInterceptors = require('./temporal-interceptors');
  return clientInterceptors();
}

/**
 * Where each copy of OpenTelemetry's API registers what a process has
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts).
 */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

function hasRegisteredTracer(): boolean {
  const { [REGISTRY]: registry } = globalThis as typeof globalThis & { [REGISTRY]?: { trace?: unknown } };
  return registry?.trace !== undefined;
}
