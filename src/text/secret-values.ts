/**
 * Removes the line break that editors, `echo` and secret stores add to a secret. A text of several lines, such as a private
 * key, stays as it is, because some programs require a line break at its end.
 */
export function withoutLineEnd(text: string): string {
  return /^[^\r\n]*\r?\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}

/** Whether a text has a control character: no header may contain one, and no credential does so intentionally. */
export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
  return /[\u0000-\u001f\u007f]/.test(text);
}
