import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import { sleep } from '../../src/async/sleep';
import type { TracingSettings } from '../../src/configuration/tracing-settings';
import { messageOf } from '../../src/text/error-message';
import { PACKAGE_VERSION } from '../../src/text/package';
import type { TracingSinks } from '../../workflows/traced-run';
import { samplerOf } from './sampler';
import {
  activityInterceptors,
  clientInterceptors,
  inSpan,
  nexusInterceptors,
  TRACER_NAME,
} from './temporal-interceptors';
import { workflowSpanSinks } from './workflow-span-sinks';

/** The traces of this process: see docs/operate.md. */
export interface Tracing {
  /** For each worker. Its bundle of workflows has the interceptors of `workflows/traced-run.ts`. */
  worker: { interceptors: WorkerInterceptors; sinks: InjectedSinks<TracingSinks> };
  /** Runs a function in a span of the given name, which begins a trace. */
  inSpan<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Exports the spans that are left, and ends tracing; further calls return the same promise. It takes a few seconds at most, whether or not the collector responds. */
  shutdown(): Promise<void>;
}

/** A process that ends must not wait longer for a collector that does not respond. */
const SHUTDOWN_TIMEOUT_MS = 3_000;

/** Registers OpenTelemetry's tracer for this process. */
export function openTelemetryTracing(settings: TracingSettings, warn: (message: string) => void): Tracing {
  const { protocol, serviceName, exportTimeoutMs, sampler: sampling } = settings;
  const onError = oncePerReason(warn);
  setGlobalErrorHandler(onError);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': TRACER_NAME, 'service.version': PACKAGE_VERSION }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
  const sampler = samplerOf(sampling);
  const options = exportTimeoutMs === undefined ? {} : { timeoutMillis: exportTimeoutMs };
  const exporter = protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options);
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: [processor] });
  const unregister = register(provider);
  const end = async () => {
    const timeout = new AbortController();
    await Promise.race([provider.shutdown().catch(onError), sleep(SHUTDOWN_TIMEOUT_MS, timeout.signal)]);
    timeout.abort();
    unregister();
  };
  let ending: Promise<void> | undefined;
  return {
    worker: {
      interceptors: {
        client: { workflow: clientInterceptors() },
        activity: [activityInterceptors],
        nexus: [nexusInterceptors],
      },
      sinks: workflowSpanSinks({ processor, resource, sampler }),
    },
    inSpan,
    shutdown() {
      ending ??= end();
      return ending;
    },
  };
}

/**
 * Registers the tracer, unless the process has one already: then that one gets the spans.
 *
 * @returns undoes it
 */
function register(provider: BasicTracerProvider): () => void {
  if (!trace.setGlobalTracerProvider(provider)) return () => {};
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return () => {
    for (const api of [trace, propagation, context]) api.disable();
  };
}

/** Warns of an error, unless the last one was the same: a collector that is gone fails every export. */
function oncePerReason(warn: (message: string) => void): (error: unknown) => void {
  let last: string | undefined;
  return (error) => {
    const reason = messageOf(error);
    if (reason !== last) {
      warn(
        `Cannot export traces: ${reason}. Check OTEL_EXPORTER_OTLP_ENDPOINT; spans that do not fit in memory are lost.`,
      );
    }
    last = reason;
  };
}
