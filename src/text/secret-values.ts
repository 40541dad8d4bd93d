/**
 * A secret without the line end that editors, `echo` and secret stores leave behind it. Text of several lines, such as a
 * private key, stays as it is: some programs want its last line to end.
 */
export function withoutLineEnd(text: string): string {
  return /^[^\r\n]*\r?\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}

/** Whether a text has a character that no header may have, and no credential has on purpose. */
export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  return /[\u0000-\u001f\u007f]/.test(text);
}
