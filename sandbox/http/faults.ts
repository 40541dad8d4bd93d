import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** A fault: what goes wrong, in which call, and how often. */
const faultFields = z.strictObject({
  /**
   * The call as the request log names it, such as `connections/sync` or, in the public API, `public/jobs/{jobId}`. With
   * a method in front, only requests with this method: `POST public/jobs`. `*` matches every call.
   */
  call: z.string().default('*'),
  /** How many requests the fault affects. Default: 1. Null: all requests until the fault is removed. */
  times: z.int().min(1).nullable().default(1),
  /** How many matching requests pass unaffected first. */
  skip: z.int().min(0).default(0),
  /** Responds with this status. The request has no effect, unless `effect` is set. */
  status: z.int().min(100).max(599).optional(),
  /** The body of that response: JSON, or a text that is sent as it is. */
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** The request takes effect before the fault responds, as behind a gateway that timed out. */
  effect: z.boolean().default(false),
  /** Waits this long before the request takes effect or, with `effect`, after it. Removing the fault ends the wait. */
  delayMs: z.number().min(0).optional(),
  /**
   * Breaks the connection without a response: `before` the request takes effect, or `after`. With `halfway` the request
   * takes effect and the connection breaks in the middle of the response.
   */
  drop: z.enum(['before', 'after', 'halfway']).optional(),
  /**
   * The fault responds to the caller (`status` or `drop`), and the request takes effect this many milliseconds after it
   * arrived. This is what happens if a gateway loses the response while Airbyte still starts the job. Removing the
   * fault lets the request take effect immediately.
   */
  effectAfterMs: z.number().min(0).optional(),
  /**
   * Sends the request a second time after this many milliseconds, as a gateway does that lost the first response. The
   * caller gets the second response.
   */
  repeatAfterMs: z.number().min(0).optional(),
});

const faultSchema = faultFields
  .refine(
    ({ effectAfterMs, status, drop }) => effectAfterMs === undefined || status !== undefined || drop !== undefined,
    {
      path: ['effectAfterMs'],
      message: 'effectAfterMs requires status or drop, which the caller gets before the effect.',
    },
  )
  .refine(
    ({ effectAfterMs, repeatAfterMs, effect }) =>
      [effectAfterMs, repeatAfterMs, effect || undefined].filter((each) => each !== undefined).length <= 1,
    {
      message: 'effect, effectAfterMs and repeatAfterMs cannot be combined.',
    },
  );

export type FaultInput = z.input<typeof faultSchema>;

export interface Fault extends z.output<typeof faultSchema> {
  faultId: string;
  /** How many requests the fault has affected so far. */
  struck: number;
}

/** The faults that are currently active. */
export class Faults {
  private readonly faults: Fault[] = [];
  private readonly waits = new Map<string, AbortController>();

  /** @throws ZodError if the input is not a valid fault */
  add(input: FaultInput): Fault {
    const fault: Fault = { ...faultSchema.parse(input), faultId: randomUUID(), struck: 0 };
    this.faults.push(fault);
    this.waits.set(fault.faultId, new AbortController());
    return fault;
  }

  list(): Fault[] {
    return [...this.faults];
  }

  /** Removes one fault, or all of them, and releases the requests that they delay. */
  remove(faultId?: string): number {
    const removed = this.faults.filter((fault) => faultId === undefined || fault.faultId === faultId);
    for (const fault of removed) {
      this.faults.splice(this.faults.indexOf(fault), 1);
      this.waits.get(fault.faultId)?.abort();
      this.waits.delete(fault.faultId);
    }
    return removed.length;
  }

  /**
   * Returns the fault that affects this request, if there is one, and counts the request. The oldest matching fault
   * applies.
   */
  apply(call: string, method: string): Fault | undefined {
    const names = ['*', call, `${method} ${call}`];
    const fault = this.faults.find(
      ({ call: name, times, struck }) => names.includes(name) && (times === null || struck < times),
    );
    if (fault === undefined) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.struck += 1;
    return fault;
  }

  /** Waits until the time is over or the fault is removed. */
  async wait({ faultId }: Fault, milliseconds: number | undefined): Promise<void> {
    const removed = this.waits.get(faultId)?.signal;
    if (milliseconds === undefined || removed === undefined || removed.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        removed.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      removed.addEventListener('abort', done);
    });
  }
}
