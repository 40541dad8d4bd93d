/**
 * Characters that change what a terminal or a log shows instead of being shown: C0 and C1 controls (the escape sequences
 * of terminals begin with one), line and paragraph separators, and marks that turn the direction of the text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, each control character written as JSON would write it: a reader sees that it is there. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL_CHARACTER, (character) => SHORT_ESCAPES[character] ?? escapeOf(character));
}

/** A text that programs read again, such as JSON or YAML, with escapes for the control characters within its strings. */
export function escapeControlsInStrings(document: string): string {
  return document.replace(CONTROL_CHARACTER, (character) => (character === '\n' ? character : escapeOf(character)));
}

function escapeOf(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

export function hasControls(text: string): boolean {
  return text.search(CONTROL_CHARACTER) >= 0;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

/** The text without escape sequences and control characters; newlines and tabs stay. */
export function withoutControls(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(/\r\n/g, '\n')
    .replace(/[\u2028\u2029]/g, ' ')
    .replace(CONTROL_CHARACTER, (character) => (character === '\n' || character === '\t' ? character : ''));
}

/** The text as one line: no control sequences, each run of white space one space. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim();
}
