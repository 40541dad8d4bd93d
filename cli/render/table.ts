import { oneLine } from '../../src/text/control-characters';
import { textWidth, truncate } from './terminal-text';

export interface TableColumn<Row> {
  header: string;
  value: (row: Row) => string;
  align?: 'right';
  /** Whether it may be cut on a narrow terminal. Ids must not be cut, because half an id is useless. */
  shrinks?: boolean;
}

const GAP = '  ';
/** `succeeded` and `cancelled` stay whole. */
const NARROWEST_SHRUNK_COLUMN = 9;

/**
 * The lines of a table, header first, of at most `columns`. If shrinking the columns that may shrink does not suffice, the lines
 * end at the edge of the terminal.
 */
export function renderTable<Row>(tableColumns: TableColumn<Row>[], rows: Row[], columns: number): string[] {
  const cells = rows.map((row) => tableColumns.map((column) => oneLine(column.value(row))));
  const widths = tableColumns.map((column, index) =>
    Math.max(textWidth(column.header), ...cells.map((line) => textWidth(line[index] ?? ''))),
  );
  shrink(tableColumns, widths, columns);
  return [tableColumns.map((column) => column.header), ...cells].map((line) => {
    const padded = line.map((cell, index) =>
      pad(truncate(cell, widths[index] ?? 0), widths[index] ?? 0, tableColumns[index]?.align),
    );
    return truncate(padded.join(GAP).trimEnd(), columns);
  });
}

/** Shrinks the widest column that may shrink, one character at a time, so that narrow ones stay whole. */
function shrink<Row>(tableColumns: TableColumn<Row>[], widths: number[], columns: number): void {
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - columns;
  while (excess > 0) {
    let widest = -1;
    tableColumns.forEach((column, index) => {
      const width = widths[index] ?? 0;
      if (column.shrinks && width > NARROWEST_SHRUNK_COLUMN && width > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}
