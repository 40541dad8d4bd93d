import { EventEmitter } from 'node:events';

const RECEIVED = 'received';

/** Counts the requests of each call, so that a test sees what a client really does. */
export class RequestLog {
  private counts = new Map<string, number>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  /** The number of requests of one call, such as `jobs/list`, or of all calls. */
  count(call?: string): number {
    if (call !== undefined) return this.counts.get(call) ?? 0;
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The number of requests of each call. */
  all(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  /** Waits until a call has been requested this often. */
  async reached(call: string, count: number): Promise<void> {
    while (this.count(call) < count) {
      await new Promise<void>((resolve) => {
        this.events.once(RECEIVED, () => resolve());
      });
    }
  }

  record(call: string): void {
    this.counts.set(call, this.count(call) + 1);
    this.events.emit(RECEIVED);
  }

  clear(): void {
    this.counts.clear();
  }
}
