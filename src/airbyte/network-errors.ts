import type { Mask } from '../masking/secret-mask';
import type { CallSite } from './answer-errors';
import { ResponseTooLarge } from './body-reading';
import { AirbyteError, type AirbyteErrorEffect } from './errors';

/**
 * The error of a request that got no whole answer.
 *
 * @param sent whether the request had begun to go out: from then on nobody knows whether Airbyte acted on it.
 * @param mask some of the causes quote the server, its certificate or the request
 */
export function errorOfNetwork(site: CallSite, cause: unknown, sent: boolean, mask: Mask): AirbyteError {
  const effect: AirbyteErrorEffect = sent ? 'unknown' : 'none';
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    message: `${site.call} at ${site.baseUrl} failed: ${mask(describe(cause, new URL(site.baseUrl)))}`,
    retryable: !(cause instanceof ResponseTooLarge),
    effect,
    cause,
  });
}

/** The error of a request that was given up after its time. */
export function errorOfTimeout(site: CallSite, timeoutMs: number, sent: boolean): AirbyteError {
  const seconds = timeoutMs / 1_000;
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    message: sent
      ? `${site.call} at ${site.baseUrl} gave no answer within ${seconds} s. Airbyte may still be at it; look before repeating it.`
      : `${site.call} at ${site.baseUrl} found no free connection to Airbyte within ${seconds} s. Try again with fewer calls at once.`,
    retryable: true,
    effect: sent ? 'unknown' : 'none',
  });
}

function describe(cause: unknown, url: URL): string {
  if (cause instanceof ResponseTooLarge) return cause.message;
  const host = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  switch (codeOf(cause)) {
    case 'ECONNREFUSED':
      return `nothing listens on ${host}. Check that Airbyte runs there and that AIRBYTE_URL is right.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name of the host in ${host} does not resolve. Check AIRBYTE_URL.`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached. Check AIRBYTE_URL and the network between.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `the connection to ${host} broke before the answer was complete. Try again.`;
    default:
      return `${messageOf(cause)}. Check AIRBYTE_URL (${host}).`;
  }
}

/** The code of a Node or undici error. Node reports the tries of several addresses as one error with a list. */
function codeOf(cause: unknown): string | undefined {
  const { code, errors: causes } = Object(cause) as { code?: unknown; errors?: unknown[] };
  return typeof code === 'string' ? code : causes && codeOf(causes[0]);
}

function messageOf(cause: unknown): string {
  const { message } = Object(cause) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : String(cause);
}
