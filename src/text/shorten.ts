/**
 * Shortens a text to at most `length` characters. The cut is between two words, so that a secret in the text is not cut in
 * half: the mask that is applied later would not recognize it.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/\S*$/, '')}…`;
}

/** The first line of a text. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
