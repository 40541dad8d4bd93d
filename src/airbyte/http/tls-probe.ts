import { connect } from 'node:tls';

const HANDSHAKE_WITHIN_MS = 2_000;

/** Whether a port speaks TLS: what was said to it in plain http was hung up on, or answered with what is no http. */
export function speaksTls({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    // Nothing is sent on it; whose certificate it has does not matter.
    const socket = connect({ host, port: Number(port || 80), rejectUnauthorized: false, timeout: HANDSHAKE_WITHIN_MS });
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
