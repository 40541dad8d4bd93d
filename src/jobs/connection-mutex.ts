import { Semaphore } from '../async/semaphore';

/** Runs work on a connection while no other work runs on it, in the order of the calls. */
export class ConnectionMutex {
  readonly #connections = new Map<string, { semaphore: Semaphore; users: number }>();

  /**
   * @param onWaited called when other work comes first
   * @param signal ends the wait, with its reason
   */
  async run<T>(connectionId: string, work: () => Promise<T>, onWaited: () => void, signal: AbortSignal): Promise<T> {
    const connection = this.#connections.get(connectionId) ?? { semaphore: new Semaphore(1), users: 0 };
    this.#connections.set(connectionId, connection);
    if (connection.users > 0) onWaited();
    connection.users += 1;
    try {
      return await connection.semaphore.run(work, signal);
    } finally {
      connection.users -= 1;
      if (connection.users === 0) this.#connections.delete(connectionId);
    }
  }
}
