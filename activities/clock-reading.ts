/** A moment on two clocks, since neither of them alone counts all the time that passes. */
export interface ClockReading {
  /** Counts on while the process is stopped, but not on every machine while that is suspended. */
  monotonicMs: number;
  /** Counts on while the machine is suspended, but may be set. */
  wallMs: number;
}

export function readClocks(): ClockReading {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** How long ago a moment was, the time included in which the process or its machine was frozen. */
export function elapsedMsSince({ monotonicMs, wallMs }: ClockReading): number {
  return Math.max(performance.now() - monotonicMs, Date.now() - wallMs);
}
