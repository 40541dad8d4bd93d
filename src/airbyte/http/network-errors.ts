import { messageOf } from '../../text/error-message';
import type { Mask } from '../../text/masking/secret-mask';
import type { CallSite } from '../calls';
import { AirbyteError, type AirbyteErrorEffect } from '../errors';
import { ResponseTooLargeError } from './body-readers';
import { DecompressedTooLargeError, UnknownEncodingError } from './content-encoding';
import { ResponseTooDeepError } from './json-trimmer';

/** What the texts of a network error depend on. */
interface NetworkErrorContext {
  /** Masks secrets: some causes quote the server, its certificate or the request. */
  mask: Mask;
  /** The proxy that the request went through. */
  proxyUrl: string | undefined;
}

/** The request was sent in http to a port that speaks https. */
export class WrongProtocolError extends Error {
  override readonly name = 'WrongProtocolError';

  constructor() {
    super('the port speaks https');
  }
}

/**
 * The error of a request without a complete response.
 *
 * @param sent whether the request had begun to go out: from then on, Airbyte may have acted on it.
 */
export function errorOfNetwork(
  site: CallSite,
  cause: unknown,
  sent: boolean,
  { mask, proxyUrl }: NetworkErrorContext,
): AirbyteError {
  const effect: AirbyteErrorEffect = sent ? 'unknown' : 'none';
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    message: `${site.call} at ${site.baseUrl} failed: ${mask(describe(cause, new URL(site.baseUrl), proxyUrl))}`,
    retryable: !(isUnreadable(cause) || cause instanceof WrongProtocolError),
    effect,
    cause,
  });
}

/** The error of a request that timed out. */
export function errorOfTimeout(site: CallSite, timeoutMs: number, sent: boolean): AirbyteError {
  const seconds = timeoutMs / 1_000;
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    message: sent
      ? `${site.call} at ${site.baseUrl} gave no response within ${seconds} s. Airbyte may still be working on it: check that before you repeat the call.`
      : `${site.call} at ${site.baseUrl} found no free connection to Airbyte within ${seconds} s. Try again with fewer concurrent calls.`,
    retryable: true,
    effect: sent ? 'unknown' : 'none',
  });
}

/** Whether a response cannot be read, so that a retry would not help. */
function isUnreadable(cause: unknown): cause is Error {
  return [ResponseTooLargeError, ResponseTooDeepError, UnknownEncodingError, DecompressedTooLargeError].some(
    (kind) => cause instanceof kind,
  );
}

const TLS_TO_PLAIN_HTTP: ReadonlySet<string | undefined> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
]);

const UNKNOWN_ISSUER: ReadonlySet<string | undefined> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function describe(cause: unknown, url: URL, proxyUrl: string | undefined): string {
  if (isUnreadable(cause)) return cause.message;
  const code = codeOf(cause);
  const host = hostOf(url);
  if (cause instanceof WrongProtocolError || (url.protocol === 'https:' && TLS_TO_PLAIN_HTTP.has(code))) {
    const [spoken, used] = cause instanceof WrongProtocolError ? ['https', 'http'] : ['http', 'https'];
    return `the port of ${host} speaks ${spoken}, but AIRBYTE_URL says ${used}. Set AIRBYTE_URL to ${spoken}://${host}${url.pathname}, or to the port that speaks ${used}.`;
  }
  if (UNKNOWN_ISSUER.has(code)) {
    return `the certificate of ${host} is self-signed, or signed by an authority that this machine does not trust (${code}). Set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of that authority, then restart.`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the certificate of ${host} cannot be trusted: ${messageOf(cause)}. Renew it, or set AIRBYTE_URL to a host name that it was issued for.`;
  }
  if (code?.startsWith('Z_') || code?.startsWith('ERR__ERROR_FORMAT') || code?.startsWith('ERR_PADDING')) {
    return `the response cannot be decompressed, although it says that it is compressed (${messageOf(cause)}). Try again.`;
  }
  if (proxyUrl !== undefined) return describeThroughProxy(cause, host, hostOf(new URL(proxyUrl)));
  return describeConnection(cause, host);
}

function describeThroughProxy(cause: unknown, host: string, proxy: string): string {
  if (codeOf(cause) === 'UND_ERR_ABORTED') {
    return `the proxy ${proxy} rejected a tunnel to ${host}: ${messageOf(cause)}. Check the variable that names the proxy, or add the host to NO_PROXY.`;
  }
  const advice =
    'Check that the proxy runs there and that the variable names it correctly, or add the host to NO_PROXY.';
  return `the connection to ${host} through the proxy ${proxy} failed: ${messageOf(cause)}. ${advice}`;
}

function hostOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

function describeConnection(cause: unknown, host: string): string {
  switch (codeOf(cause)) {
    case 'ECONNREFUSED':
      return `nothing listens on ${host}. Check that Airbyte runs there and that AIRBYTE_URL is right.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name in ${host} does not resolve. Check AIRBYTE_URL.`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached. Check AIRBYTE_URL and the network.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `the connection to ${host} broke before the response was complete. Try again.`;
    default:
      return `${messageOf(cause)}. Check AIRBYTE_URL (${host}).`;
  }
}

/** The code of a Node.js or undici error. Where Node.js tried several addresses, it throws one error with a list. */
export function codeOf(cause: unknown): string | undefined {
  const { code, errors: causes } = Object(cause) as { code?: unknown; errors?: unknown[] };
  return typeof code === 'string' ? code : causes && codeOf(causes[0]);
}
