import type { SecretSource } from '../text/masking/secret-mask';

/** Headers that each request to Airbyte has in addition to its own, for a proxy in front of Airbyte that identifies its callers. */
export interface ExtraHeaders {
  /**
   * The current headers, by names in lower case. Called for each request, because tokens change.
   *
   * @param warn called if only older headers can be given, with the reason
   */
  current(warn: (message: string) => void): Readonly<Record<string, string>>;
  /** Their values, which may be tokens. */
  readonly secrets: SecretSource;
}
