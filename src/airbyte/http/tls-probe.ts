import { connect } from 'node:tls';
import { codeOf } from './network-errors';

const HANDSHAKE_TIMEOUT_MS = 2_000;

/**
 * Whether a request failed because it was sent in plain http to a port that expects TLS. Connects to the port to find
 * out.
 */
export async function isPlainHttpToTlsPort(cause: unknown, url: URL): Promise<boolean> {
  return mayBePlainHttpToTlsPort(cause, url) && (await speaksTls(url));
}

/** A port that expects TLS closes the connection on plain http, or responds with bytes that are not http. */
function mayBePlainHttpToTlsPort(cause: unknown, { protocol }: URL): boolean {
  const code = codeOf(cause) ?? '';
  return protocol === 'http:' && (['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code) || code.startsWith('HPE_'));
}

function speaksTls({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    // The certificate may be anyone's, because nothing is sent on this connection.
    const socket = connect({
      host,
      port: Number(port || 80),
      rejectUnauthorized: false,
      timeout: HANDSHAKE_TIMEOUT_MS,
    });
    const end = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => resolve(false));
  });
}
