/** A program whose output is kept, and that a test can wait for. */
export abstract class RunningProgram {
  stdout = '';
  stderr = '';
  abstract readonly hasExited: boolean;
  private readonly listeners = new Set<() => void>();

  /** The one document that it has printed on stdout. */
  get document() {
    return JSON.parse(this.stdout);
  }

  /** Waits until it has said something on stderr. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return this.found(pattern, () => this.stderr);
  }

  /** Waits until it has printed something on stdout. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.found(pattern, () => this.stdout);
  }

  protected addOutput(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    this.notify();
  }

  protected notify(): void {
    for (const listener of this.listeners) listener();
  }

  private async found(pattern: RegExp, text: () => string): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(text());
      if (match) return match;
      if (this.hasExited) throw new Error(`ended without saying ${pattern}:\n${this.stderr}${this.stdout}`);
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.listeners.delete(listener);
          resolve();
        };
        this.listeners.add(listener);
      });
    }
  }
}
