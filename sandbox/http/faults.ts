import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** What goes wrong, with which call, and how often. */
const faultFields = z.strictObject({
  /**
   * The call as the request log names it, such as `connections/sync` or, in the public API, `public/jobs/{jobId}`; with
   * its method in front it is that method's requests only: `POST public/jobs`. `*` is every call.
   */
  call: z.string().default('*'),
  /** How many requests it befalls. Default 1; null: all, until it is removed. */
  times: z.int().min(1).nullable().default(1),
  /** How many requests it lets pass first. */
  skip: z.int().min(0).default(0),
  /** Answers with this status. The request takes no effect, unless `effect` says so. */
  status: z.int().min(100).max(599).optional(),
  /** The body of that answer: JSON, or a text that is sent as it is. */
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** The request takes effect before the fault answers, as behind a gateway that timed out. */
  effect: z.boolean().default(false),
  /** Waits so long before the request takes effect; with `effect`, after it did. Removing the fault ends the wait. */
  delayMs: z.number().min(0).optional(),
  /**
   * Breaks the connection: without a response before the request takes effect, without one after it did, or (`halfway`)
   * after that in the middle of the response.
   */
  drop: z.enum(['before', 'after', 'halfway']).optional(),
  /**
   * The caller is answered by the fault (`status` or `drop`), and the request takes effect so long after it came, in
   * milliseconds: as where a gateway loses the response while Airbyte still starts the job. Removing the fault lets it
   * take effect at once.
   */
  effectAfterMs: z.number().min(0).optional(),
  /**
   * A gateway loses the response and sends the same request again, so long after the first one, in milliseconds: the
   * caller gets the response to the second one.
   */
  repeatAfterMs: z.number().min(0).optional(),
});

const faultSchema = faultFields
  .refine(
    ({ effectAfterMs, status, drop }) => effectAfterMs === undefined || status !== undefined || drop !== undefined,
    {
      path: ['effectAfterMs'],
      message: 'An effect that comes later needs what the caller gets meanwhile: status or drop.',
    },
  )
  .refine(
    ({ effectAfterMs, repeatAfterMs, effect }) =>
      [effectAfterMs, repeatAfterMs, effect || undefined].filter((each) => each !== undefined).length <= 1,
    {
      message: 'A request takes effect once: effect, effectAfterMs and repeatAfterMs exclude one another.',
    },
  );

export type FaultInput = z.input<typeof faultSchema>;

export interface Fault extends z.output<typeof faultSchema> {
  faultId: string;
  /** How many requests it befell so far. */
  struck: number;
}

/** The faults that wait for a request. */
export class Faults {
  private readonly faults: Fault[] = [];
  private readonly waits = new Map<string, AbortController>();

  /** @throws ZodError when it is no fault */
  add(input: FaultInput): Fault {
    const fault: Fault = { ...faultSchema.parse(input), faultId: randomUUID(), struck: 0 };
    this.faults.push(fault);
    this.waits.set(fault.faultId, new AbortController());
    return fault;
  }

  list(): Fault[] {
    return [...this.faults];
  }

  /** Removes one fault, or all, and lets go the requests that wait on account of it. */
  remove(faultId?: string): number {
    const removed = this.faults.filter((fault) => faultId === undefined || fault.faultId === faultId);
    for (const fault of removed) {
      this.faults.splice(this.faults.indexOf(fault), 1);
      this.waits.get(fault.faultId)?.abort();
      this.waits.delete(fault.faultId);
    }
    return removed.length;
  }

  /** The fault that befalls this request, if any. The first one that was added goes first. */
  strike(call: string, method: string): Fault | undefined {
    const names = ['*', call, `${method} ${call}`];
    const fault = this.faults.find(
      ({ call: wanted, times, struck }) => names.includes(wanted) && (times === null || struck < times),
    );
    if (fault === undefined) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.struck += 1;
    return fault;
  }

  /** Waits for some time, which the fault says, or until it is removed. */
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
