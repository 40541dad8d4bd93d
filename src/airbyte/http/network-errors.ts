import { messageOf } from '../../text/error-message';
import type { Mask } from '../../text/masking/secret-mask';
import type { CallSite } from '../calls';
import { AirbyteError, type AirbyteErrorEffect } from '../errors';
import { ResponseTooLargeError } from './body-readers';
import { DecompressedTooLargeError, UnknownEncodingError } from './content-encoding';
import { ResponseTooDeepError } from './json-trimmer';

/** What is known where a request fails. */
interface NetworkErrorContext {
  /** Some of the causes quote the server, its certificate or the request. */
  mask: Mask;
  /** The proxy that the request went through. */
  proxyUrl: string | undefined;
}

/** A port that speaks https was spoken to in http. */
export class WrongProtocolError extends Error {
  override readonly name = 'WrongProtocolError';

  constructor() {
    super('the port speaks https');
  }
}

/**
 * The error of a request that got no whole answer.
 *
 * @param sent whether the request had begun to go out: from then on nobody knows whether Airbyte acted on it.
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

/** What no other try makes readable. */
function isUnreadable(cause: unknown): cause is Error {
  return [ResponseTooLargeError, ResponseTooDeepError, UnknownEncodingError, DecompressedTooLargeError].some(
    (kind) => cause instanceof kind,
  );
}

/** Whether plain http may have met a port that wants TLS: it was hung up on, or answered with what is no http. */
export function mayBePlainHttpToTlsPort(cause: unknown, { protocol }: URL): boolean {
  const code = codeOf(cause) ?? '';
  return protocol === 'http:' && (['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code) || code.startsWith('HPE_'));
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
    return `the port of ${host} speaks ${spoken}, and AIRBYTE_URL says ${used}. Set AIRBYTE_URL to ${spoken}://${host}${url.pathname}, or to the port that speaks ${used}.`;
  }
  if (UNKNOWN_ISSUER.has(code)) {
    return `the certificate of ${host} is signed by itself or by an authority that this machine does not know (${code}). Set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of that authority, and start again.`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the certificate of ${host} cannot be trusted: ${messageOf(cause)}. Have it renewed, or set AIRBYTE_URL to the name that it is for.`;
  }
  if (code?.startsWith('Z_') || code?.startsWith('ERR__ERROR_FORMAT') || code?.startsWith('ERR_PADDING')) {
    return `the response says that it is compressed, and cannot be decompressed (${messageOf(cause)}). Try again.`;
  }
  if (proxyUrl !== undefined) return describeThroughProxy(cause, host, hostOf(new URL(proxyUrl)));
  return describeConnection(cause, host);
}

function describeThroughProxy(cause: unknown, host: string, proxy: string): string {
  if (codeOf(cause) === 'UND_ERR_ABORTED') {
    return `the proxy ${proxy} refused a tunnel to ${host}: ${messageOf(cause)}. Check the variable that names the proxy, or name the host in NO_PROXY.`;
  }
  const advice = 'Check that the proxy runs there, and the variable that names it; or name the host in NO_PROXY.';
  return `the proxy ${proxy}, by which ${host} is reached, did not do its part: ${messageOf(cause)}. ${advice}`;
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
