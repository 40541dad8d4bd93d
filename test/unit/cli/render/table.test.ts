import { describe, expect, it } from '@jest/globals';
import { renderTable } from '../../../../cli/render/table';

interface Row {
  id: string;
  name: string;
  records: string;
}

const columns = [
  { header: 'ID', value: ({ id }: Row) => id },
  { header: 'NAME', value: ({ name }: Row) => name, shrinks: true },
  { header: 'RECORDS', value: ({ records }: Row) => records, align: 'right' as const },
];
const rows = [
  { id: '8c6e0f3a', name: 'PostgreSQL → MinIO', records: '1,234' },
  { id: '77', name: '東京', records: '5' },
];

describe('a table', () => {
  it('aligns columns by what a terminal shows', () => {
    expect(renderTable(columns, rows, Number.POSITIVE_INFINITY)).toEqual([
      'ID        NAME                RECORDS',
      '8c6e0f3a  PostgreSQL → MinIO    1,234',
      '77        東京                      5',
    ]);
  });

  it('shrinks names on a narrow terminal, and never ids', () => {
    expect(renderTable(columns, rows, 30)).toEqual([
      'ID        NAME         RECORDS',
      '8c6e0f3a  PostgreSQL…    1,234',
      '77        東京               5',
    ]);
  });

  it('ends at the edge of a terminal that is too narrow for it, because lines that wrap cannot be read', () => {
    const [, line] = renderTable(columns, rows, 21);
    expect(line).toBe('8c6e0f3a  PostgreS… …');
  });

  it('keeps each row on one line', () => {
    const [, line] = renderTable(columns, [{ id: '1', name: 'two\nlines\u001b[2J', records: '0' }], 80);
    expect(line).toBe('1   two lines        0');
  });
});
