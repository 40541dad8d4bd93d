/** What stands in the place of a secret: in Airbyte's responses, and in our own texts. */
export const MASK = '**********';
