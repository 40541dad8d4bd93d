/** What stands in the place of a secret: in Airbyte's answers, and in our own texts. */
export const MASK = '**********';

/** A text without the secrets in it, also where they stand in a URL or in JSON. */
export function maskSecrets(text: string, values: readonly string[]): string {
  const spellings = new Set(
    values.flatMap((value) => [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      new URLSearchParams([['', value]]).toString().slice(1),
    ]),
  );
  // The longest first, so that a secret that is a part of another leaves nothing of that one.
  return [...spellings]
    .sort((one, other) => other.length - one.length)
    .reduce((masked, spelling) => (spelling === '' ? masked : masked.replaceAll(spelling, MASK)), text);
}
