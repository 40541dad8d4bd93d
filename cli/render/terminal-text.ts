import { stripVTControlCharacters } from 'node:util';

// Texts are measured in terminal columns, not in UTF-16 units.

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const TWO_COLUMNS =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;

function graphemeColumns(grapheme: string): number {
  return TWO_COLUMNS.test(grapheme) ? 2 : 1;
}

/** How many terminal columns a text without control sequences takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeColumns(segment);
  return width;
}

/** The same of a text that may be painted. */
function shownWidth(text: string): number {
  return textWidth(stripVTControlCharacters(text));
}

/** Breaks a text at blanks into lines of at most so many columns; a longer word gets a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && shownWidth(last) + 1 + shownWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** In place of a blank at which a line must not be broken. */
const UNBREAKABLE = '\u0000';

/**
 * Breaks each line of a text at blanks, so that a terminal does not break it within a word. What follows is indented. A command
 * in backticks stays on one line, because a user copies it.
 */
export function wrapLines(text: string, columns: number): string {
  const wrapLine = (line: string): string => {
    if (shownWidth(line) <= columns) return line;
    const indent = /^ */.exec(line)?.[0] ?? '';
    const words = line.slice(indent.length).replace(/`[^`]*`/g, (command) => command.replaceAll(' ', UNBREAKABLE));
    const wrapped = wrap(words, columns - indent.length - 2);
    return `${indent}${wrapped.join(`\n${indent}  `)}`.replaceAll(UNBREAKABLE, ' ');
  };
  return text.split('\n').map(wrapLine).join('\n');
}

/** Breaks the sentences of a text like {@link wrapLines}. Lines that begin with a blank stay whole: tables, and commands to copy. */
export function wrapSentences(text: string, columns: number): string {
  const lines = text.split('\n');
  return lines.map((line) => (line.startsWith(' ') ? line : wrapLines(line, columns))).join('\n');
}

/** Cuts a text to a number of columns, with an ellipsis if something was cut. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let fitting = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (width + graphemeColumns(segment) > columns - 1) break;
    fitting += segment;
    width += graphemeColumns(segment);
  }
  return `${fitting}…`;
}
