import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestTracer } from '../../src/airbyte/request-tracer';
import { tracer } from './temporal-interceptors';

const FIRST_ERROR_STATUS = 400;

export interface RequestSpansOptions {
  /** Whether requests carry `traceparent`, so that the trace continues in Airbyte or in the gateway in front of it. */
  sendsTraceparent: boolean;
}

/**
 * Records each request to Airbyte as a part of the current trace, with the attributes of an HTTP client
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client). They have no header, no body, no query and no message.
 */
export function requestSpans({ sendsTraceparent }: RequestSpansOptions): RequestTracer {
  return {
    begin({ method, url, endpoint }) {
      const { hostname, port, protocol } = new URL(url);
      const span = tracer().startSpan(`${method} ${endpoint.replace(/^[A-Z]+ /, '')}`, {
        kind: SpanKind.CLIENT,
        attributes: {
          'http.request.method': method,
          'url.full': url,
          'url.template': endpoint.replace(/^[A-Z]+ /, ''),
          'server.address': hostname,
          'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
        },
      });
      const headers: Record<string, string> = {};
      if (sendsTraceparent) propagation.inject(trace.setSpan(context.active(), span), headers);
      return {
        headers,
        end(outcome) {
          const error = 'errorType' in outcome ? outcome.errorType : errorOfStatus(outcome.status);
          if ('status' in outcome) span.setAttribute('http.response.status_code', outcome.status);
          if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

function errorOfStatus(status: number): string | undefined {
  return status >= FIRST_ERROR_STATUS ? String(status) : undefined;
}
