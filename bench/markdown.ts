export interface Column<Row> {
  header: string;
  cell(row: Row): string;
}

/** A table of Markdown whose columns are as wide as their widest cell; numbers are right-aligned. */
export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ header }) => header), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(3, ...lines.map((line) => line[index]?.length ?? 0)));
  const isNumeric = columns.map(({ cell }) => rows.every((row) => /^[\d–-]/.test(cell(row))));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => (isNumeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, index) => (isNumeric[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [header = [], ...body] = lines;
  return [header, rule, ...body].map(line).join('\n');
}
