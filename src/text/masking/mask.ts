/** The text that replaces a secret, in Airbyte's responses and in the project's own texts. */
export const MASK = '**********';
