/**
 * Characters that change what a terminal or a log shows instead of being shown: C0 and C1 controls (the escape sequences
 * of terminals begin with one), line and paragraph separators, and marks that turn the direction of the text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, each control character written as JSON would write it: a reader sees that it is there. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROL_CHARACTER,
    (character) => SHORT_ESCAPES[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
