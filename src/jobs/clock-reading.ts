/** A moment on two clocks, since neither of them counts all the time that passes. */
export interface ClockReading {
  /** Goes on while the process is stopped, but on some machines not while the machine is suspended. */
  monotonicMs: number;
  /** Goes on while the machine is suspended, but may be set. */
  wallMs: number;
}

export function readClocks(): ClockReading {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** The time since a reading, including the time in which the process or its machine was frozen. */
export function elapsedMsSince({ monotonicMs, wallMs }: ClockReading): number {
  return Math.max(performance.now() - monotonicMs, Date.now() - wallMs);
}
