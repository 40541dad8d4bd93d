import { connect } from 'node:tls';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { messageOf } from '../text/error-message';

const HANDSHAKE_TIMEOUT_MS = 2_000;

/** How Node.js and the native part of the SDK say that they do not know the authority that has signed a certificate. */
const UNTRUSTED =
  /self-signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first certificate|UnknownIssuer|CaUsedAsEndEntity/i;

/**
 * Says in what way a certificate is not trusted, and what to do; undefined if the error has another reason.
 *
 * The client of a worker reads `NODE_EXTRA_CA_CERTS`, and its native part, which polls for tasks, does not: so a worker may pass
 * the first and fail at the second.
 *
 * @param address `host:port`
 */
export function describeUntrustedCertificate(address: string, error: unknown): string | undefined {
  const [problem] = UNTRUSTED.exec(messageOf(error)) ?? [];
  return problem === undefined
    ? undefined
    : `The certificate of Temporal at ${address} is self-signed, or signed by an authority that this process does not trust (${problem}). Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to a PEM file with the certificate of that authority. NODE_EXTRA_CA_CERTS alone is not enough: the native part of a worker, which polls for tasks, does not read it.`;
}

/**
 * Makes a TLS handshake with a server that could not be reached, because gRPC's error does not say why.
 *
 * @returns the error of the handshake; undefined if it succeeds, or if the server takes too long
 */
export function handshakeError(address: string, { tls }: NativeConnectionOptions): Promise<Error | undefined> {
  const options = typeof tls === 'object' && tls !== null ? tls : {};
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair } = options;
  const { hostname, port } = new URL(`https://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port: Number(port || 443), ALPNProtocols: ['h2'], timeout: HANDSHAKE_TIMEOUT_MS },
      ...(serverNameOverride && { servername: serverNameOverride }),
      ...(ca && { ca: Buffer.from(ca) }),
      ...(clientCertPair && { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
    });
    const end = (error?: Error) => {
      socket.destroy();
      resolve(error);
    };
    socket.once('secureConnect', () => end());
    socket.once('timeout', () => end());
    socket.once('error', end);
  });
}
