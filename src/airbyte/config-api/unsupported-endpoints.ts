import { AirbyteError, isUnsupportedEndpoint } from '../errors';

/** How long a call that is missing is not asked for again: a server may be upgraded under a worker. */
const MISSING_FOR_MS = 10 * 60_000;

/** The calls that a server turned out not to have, so that it is not asked for them again and again. */
export class UnsupportedEndpoints {
  /** Milliseconds of our own clock. */
  readonly #missingUntil = new Map<string, number>();

  /**
   * Makes a call that not every server has, and where it is rejected as missing goes another way: for once where that may
   * be the page of a gateway, for ten minutes where it is certain.
   *
   * @param instead the other way; it is told how the call was refused, unless it is known to be missing
   * @param refuses which refusals, besides those of a missing call, are worth the other way
   */
  async withFallback<T>(
    call: string,
    make: (call: string) => Promise<T>,
    instead: (refusal: AirbyteError | undefined) => Promise<T>,
    refuses: (refusal: AirbyteError) => boolean = () => false,
  ): Promise<T> {
    if (performance.now() < (this.#missingUntil.get(call) ?? 0)) return instead(undefined);
    try {
      return await make(call);
    } catch (error) {
      if (!(error instanceof AirbyteError && (isUnsupportedEndpoint(error) || refuses(error)))) throw error;
      const answer = await instead(error);
      // A 404 can also mean that there is no such object: then the other way does not work either.
      if (error.type === 'AirbyteUnsupported') this.#missingUntil.set(call, performance.now() + MISSING_FOR_MS);
      return answer;
    }
  }
}
