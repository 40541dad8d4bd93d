/**
 * Characters that control a terminal or the layout of a log instead of being visible: C0 and C1 controls (with which escape
 * sequences begin), line and paragraph separators, and marks that change the direction of the text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Makes control characters visible: writes them as JSON does, so that the text is one line. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL_CHARACTER, (character) => SHORT_ESCAPES[character] ?? escapeOf(character));
}

/** Escapes the control characters in the strings of a JSON or YAML document, and keeps its line breaks. */
export function escapeControlsInStrings(document: string): string {
  return document.replace(CONTROL_CHARACTER, (character) => (character === '\n' ? character : escapeOf(character)));
}

function escapeOf(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

export function hasControls(text: string): boolean {
  return text.search(CONTROL_CHARACTER) >= 0;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

/** Removes escape sequences and control characters; newlines and tabs stay. */
export function withoutControls(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(/\r\n/g, '\n')
    .replace(/[\u2028\u2029]/g, ' ')
    .replace(CONTROL_CHARACTER, (character) => (character === '\n' || character === '\t' ? character : ''));
}

/** Makes one line of a text: removes escape sequences and control characters, and replaces white space with one space. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim();
}
