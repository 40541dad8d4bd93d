import { AirbyteError, isMissingCall } from '../errors';

/** Two rejections so far apart are no single page of a gateway. */
const APART_MS = 5_000;
/** How long a call that is missing is not asked for again: a server may be upgraded under a worker. */
const MISSING_FOR_MS = 10 * 60_000;

interface Rejections {
  /** Milliseconds of our own clock, as below. */
  firstAt: number;
  /** Set once the call counts as missing. */
  missingUntil: number;
}

/** The calls that a server turned out not to have, so that it is not asked for them again and again. */
export class LackedCalls {
  readonly #rejections = new Map<string, Rejections>();

  /**
   * Makes a call that not every server has, and where it is rejected as missing goes another way. It counts as missing, for
   * ten minutes, once Airbyte itself has said so, or it was rejected a second time, some seconds after the first, and the
   * other way has worked both times.
   *
   * @param instead the other way; it is told how the call was refused, unless it is known to be missing
   * @param refuses which refusals, besides those of a missing call, are worth the other way
   */
  async preferring<T>(
    call: string,
    make: (call: string) => Promise<T>,
    instead: (refusal: AirbyteError | undefined) => Promise<T>,
    refuses: (refusal: AirbyteError) => boolean = () => false,
  ): Promise<T> {
    const missingUntil = this.#rejections.get(call)?.missingUntil ?? 0;
    if (performance.now() < missingUntil) return instead(undefined);
    let refusal: AirbyteError;
    try {
      const answer = await make(call);
      this.#rejections.delete(call);
      return answer;
    } catch (error) {
      if (!(error instanceof AirbyteError && (isMissingCall(error) || refuses(error)))) throw error;
      refusal = error;
    }
    const answer = await instead(refusal);
    // A 404 can also mean that there is no such object, or come from a gateway: then the other way does not work either.
    if (isMissingCall(refusal)) this.#rejected(call, refusal);
    return answer;
  }

  #rejected(call: string, { callMayBeMissing }: AirbyteError): void {
    const now = performance.now();
    const { firstAt } = this.#rejections.get(call) ?? { firstAt: now };
    const isMissing = !callMayBeMissing || now - firstAt >= APART_MS;
    this.#rejections.set(call, { firstAt, missingUntil: isMissing ? now + MISSING_FOR_MS : 0 });
  }
}
