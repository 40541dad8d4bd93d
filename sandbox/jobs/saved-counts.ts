import type { AttemptCounts } from '../state/job';

/**
 * The counts of an attempt as Airbyte has them: what the attempt saves of them every so often, not what it knows. The
 * last ones of an attempt that did not succeed are saved only after it has ended.
 */
export class SavedCounts {
  private saved: AttemptCounts;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param intervalMs in milliseconds; 0 for counts that are always those of the moment */
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

  /** From here on what is measured comes from elsewhere. */
  measureWith(measured: () => AttemptCounts): void {
    this.measured = measured;
  }

  /** The attempt has ended: nothing is measured any more. */
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
