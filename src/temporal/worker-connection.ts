/** Connects a worker to Temporal. */
import { NativeConnection } from '@temporalio/worker';
import { type ConnectTemporalOptions, connectTemporal, TemporalUnreachableError, temporalSettings } from './connection';
import { describeUntrustedCertificate } from './untrusted-certificate';

/** The connection of a worker. The caller must close it after the worker has stopped. */
export interface TemporalWorkerConnection {
  connection: NativeConnection;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

/**
 * Connects a worker to the Temporal server that the environment names. It throws the same errors as {@link connectTemporal}.
 */
export async function connectTemporalWorker(options: ConnectTemporalOptions = {}): Promise<TemporalWorkerConnection> {
  // The native connection has no timeout, and its errors have few details, so the client connects first.
  const { address, namespace, close } = await connectTemporal(options);
  await close();
  const { connectionOptions } = temporalSettings(options.env);
  const connection = await NativeConnection.connect({ ...connectionOptions, address }).catch((error: unknown) => {
    const message = describeUntrustedCertificate(address, error);
    throw message === undefined ? error : new TemporalUnreachableError(address, message, { cause: error });
  });
  return { connection, address, namespace, close: () => connection.close() };
}
