import { Semaphore } from '../src/airbyte/semaphore';

/** Lets one at a time do something with the same object, in the order of asking. */
export class ConnectionMutex {
  readonly #turns = new Map<string, { slots: Semaphore; users: number }>();

  /**
   * @param onWaited called where others had their turn before
   * @param signal ends the wait for the turn, with its reason
   */
  async run<T>(key: string, work: () => Promise<T>, onWaited: () => void, signal: AbortSignal): Promise<T> {
    const turn = this.#turns.get(key) ?? { slots: new Semaphore(1), users: 0 };
    this.#turns.set(key, turn);
    if (turn.users > 0) onWaited();
    turn.users += 1;
    try {
      return await turn.slots.run(work, signal);
    } finally {
      turn.users -= 1;
      if (turn.users === 0) this.#turns.delete(key);
    }
  }
}
