/** A pause that can be shortened while it lasts. */
export class InterruptiblePause {
  /** Set during a pause. */
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

  /** Ends the current pause, if there is one, within this time, or earlier if it would end earlier. */
  endWithin(ms: number): void {
    this.#endWithin?.(ms);
  }
}
