/**
 * The beginning of a text, as much as fits into `length` characters. It ends between two words: whoever masks secrets in
 * the text afterwards would not recognise one that was cut in half.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/\S*$/, '')}…`;
}

/** The first line of a text. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
