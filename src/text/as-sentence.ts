/** The text with a full stop behind it, unless it ends like a sentence already, so that another sentence can follow. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
