import { AirbyteError, isMissingCall } from '../errors';

/** The calls that a server turned out not to have, so that it is not asked for them again and again. */
export class LackedCalls {
  readonly #calls = new Set<string>();

  /**
   * Makes a call that not every server has, and where it is missing goes another way. Only once that way has worked is
   * the call taken for missing: a 404 can also mean that there is no such object.
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
    if (this.#calls.has(call)) return instead(undefined);
    let refusal: AirbyteError;
    try {
      return await make(call);
    } catch (error) {
      if (!(error instanceof AirbyteError && (isMissingCall(error) || refuses(error)))) throw error;
      refusal = error;
    }
    const answer = await instead(refusal);
    if (isMissingCall(refusal)) this.#calls.add(call);
    return answer;
  }
}
