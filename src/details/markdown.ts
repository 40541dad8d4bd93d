/**
 * Markdown for the pages of Temporal's UI. A self-hosted server and Temporal Cloud render it with different programs, so
 * these functions use only what both support. Workflow code may import this file.
 */

import { oneLine, withoutControls } from '../text/control-characters';

/** The characters that Markdown interprets anywhere in a line. */
const MARKUP = /[\\`*_{}[\]()<>#~|!&$]/g;

/** Escapes a text, on one line, so that it is shown as it is: names from Airbyte may contain any character. */
export function plain(text: string): string {
  return oneLine(text).replace(MARKUP, '\\$&');
}

/** Formats an id or another word of a program as code. */
export function code(text: string): string {
  const word = oneLine(text);
  return word.includes('`') ? plain(word) : `\`${word}\``;
}

/** @param url an encoded URL, so it contains no spaces */
export function link(text: string, url: string): string {
  return `[${plain(text)}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** Shows a text of several lines, such as the end of a log, as it is. */
export function codeBlock(text: string): string {
  const shown = withoutControls(text);
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${shown}\n${fence}`;
}

/** Makes a list with one item per line, without the undefined ones. */
export function list(points: readonly (string | undefined)[]): string {
  return points
    .filter((point) => point !== undefined)
    .map((point) => `- ${point}`)
    .join('\n');
}

/** Separates the columns of a table: the UI puts no space between them, and Markdown removes ordinary spaces. */
const GAP = '\u00a0\u00a0\u00a0';

/** Makes a table whose first column is aligned left; the others contain numbers and are aligned right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const apart = (cell: string, column: number) => (column === 0 ? cell : `${GAP}${cell}`);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const alignment = header.map((_, column) => (column === 0 ? ':---' : '---:'));
  return [header.map(apart), alignment, ...rows.map((row) => row.map(apart))].map(line).join('\n');
}
