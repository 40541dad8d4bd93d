/** A wait for some time, of which others may cut off the rest. */
export class Pause {
  /** Set while somebody waits. */
  #endWithin: ((ms: number) => void) | undefined;

  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#endWithin = undefined;
        resolve();
      };
      let endsAt = performance.now() + ms;
      let timer = setTimeout(end, ms);
      this.#endWithin = (withinMs) => {
        if (performance.now() + withinMs >= endsAt) return;
        clearTimeout(timer);
        endsAt = performance.now() + withinMs;
        timer = setTimeout(end, withinMs);
      };
    });
  }

  /** Lets the wait that is under way, if there is one, end within this time; never later than it would have ended. */
  endWithin(ms: number): void {
    this.#endWithin?.(ms);
  }
}
