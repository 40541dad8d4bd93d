import { AirbyteError, isUnsupportedEndpoint } from '../errors';

/** How long an unsupported call is not made again: afterwards the server may have been upgraded. */
const UNSUPPORTED_FOR_MS = 10 * 60_000;

/** Remembers which calls a server does not support, so that the client does not make them again and again. */
export class UnsupportedEndpoints {
  /** Milliseconds of our own clock. */
  readonly #unsupportedUntil = new Map<string, number>();

  /**
   * Makes a call that not every server supports. If the server rejects it as unsupported, uses the fallback: this time
   * only if the response may be a gateway's page, for ten minutes if it surely is Airbyte's.
   *
   * @param fallback gets the error response to the call, unless the call is already known to be unsupported
   * @param alsoFallBackOn further error responses for which to use the fallback
   */
  async withFallback<T>(
    call: string,
    make: (call: string) => Promise<T>,
    fallback: (errorResponse: AirbyteError | undefined) => Promise<T>,
    alsoFallBackOn: (errorResponse: AirbyteError) => boolean = () => false,
  ): Promise<T> {
    if (performance.now() < (this.#unsupportedUntil.get(call) ?? 0)) return fallback(undefined);
    try {
      return await make(call);
    } catch (error) {
      if (!(error instanceof AirbyteError && (isUnsupportedEndpoint(error) || alsoFallBackOn(error)))) throw error;
      const response = await fallback(error);
      // A 404 can also mean that there is no such object. Then the fallback fails too, and the call is not remembered.
      if (error.type === 'AirbyteUnsupported') this.#unsupportedUntil.set(call, performance.now() + UNSUPPORTED_FOR_MS);
      return response;
    }
  }
}
