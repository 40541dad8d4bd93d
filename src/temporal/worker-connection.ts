import { NativeConnection } from '@temporalio/worker';
import { type ConnectTemporalOptions, connectTemporal, temporalSettings } from './connection';

/** A connection for a worker to poll with. Close it after the worker has stopped. */
export interface TemporalWorkerConnection {
  connection: NativeConnection;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

/**
 * Connects a worker to the Temporal server that the environment names. Same failures as {@link connectTemporal}.
 */
export async function connectTemporalWorker(options: ConnectTemporalOptions = {}): Promise<TemporalWorkerConnection> {
  // The native connection has no time-out of its own, and says little about why it failed: the client's goes first.
  const { address, namespace, close } = await connectTemporal(options);
  await close();
  const { connectionOptions } = temporalSettings(options.env);
  const connection = await NativeConnection.connect({ ...connectionOptions, address });
  return { connection, address, namespace, close: () => connection.close() };
}
