/**
 * Markdown as the pages of Temporal's UI show it: on a server of one's own and on Temporal Cloud by different programs, so
 * only what both take. Workflow code may import this file.
 */

import { oneLine, withoutControls } from '../text/control-characters';

/** What Markdown would take for its own, wherever in a line it stands. */
const MARKUP = /[\\`*_{}[\]()<>#~|!&$]/g;

/** A text as it is, on one line: names come from Airbyte, and may hold anything. */
export function plain(text: string): string {
  return oneLine(text).replace(MARKUP, '\\$&');
}

/** A word of a program, such as an id. */
export function code(text: string): string {
  const word = oneLine(text);
  return word.includes('`') ? plain(word) : `\`${word}\``;
}

/** @param url without blanks, which an encoded one has not */
export function link(text: string, url: string): string {
  return `[${plain(text)}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** A text of several lines, such as the end of a log. */
export function codeBlock(text: string): string {
  const shown = withoutControls(text);
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${shown}\n${fence}`;
}

/** One point a line; what is undefined is left out. */
export function list(points: readonly (string | undefined)[]): string {
  return points
    .filter((point) => point !== undefined)
    .map((point) => `- ${point}`)
    .join('\n');
}

/** The UI puts nothing between the columns of a table; blanks that Markdown does not take away keep them apart. */
const GAP = '\u00a0\u00a0\u00a0';

/** The first column to the left, the others, numbers, to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const apart = (cell: string, column: number) => (column === 0 ? cell : `${GAP}${cell}`);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const alignment = header.map((_, column) => (column === 0 ? ':---' : '---:'));
  return [header.map(apart), alignment, ...rows.map((row) => row.map(apart))].map(line).join('\n');
}
