import type { AttemptCounts } from '../state/job';

/**
 * The counts that Airbyte's API shows of an attempt: those that the attempt saves at intervals, which lag behind the
 * actual ones. The last counts of an attempt that did not succeed are saved only some time after its end.
 */
export class SavedCounts {
  private saved: AttemptCounts;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param intervalMs in milliseconds; 0 always shows the current counts */
  constructor(
    private measured: () => AttemptCounts,
    private readonly intervalMs: number,
  ) {
    this.saved = measured();
    if (intervalMs > 0) this.timer = setInterval(() => this.save(), intervalMs).unref();
  }

  read(): AttemptCounts {
    return this.intervalMs > 0 ? this.saved : this.measured();
  }

  /** Sets the function that returns the current counts. */
  setMeasured(measured: () => AttemptCounts): void {
    this.measured = measured;
  }

  /** Fixes the counts, since the attempt has ended. */
  end(succeeded: boolean): void {
    const last = this.measured();
    this.measured = () => last;
    clearInterval(this.timer);
    if (succeeded) this.save();
    else if (this.intervalMs > 0) setTimeout(() => this.save(), this.intervalMs).unref();
  }

  private save(): void {
    this.saved = this.measured();
  }
}
