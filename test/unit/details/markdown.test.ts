import { describe, expect, it } from '@jest/globals';
import { code, codeBlock, link, list, plain, table } from '../../../src/details/markdown';

describe('Markdown', () => {
  it('shows a name as it is, whatever is in it, on one line', () => {
    expect(plain('Shop → Lake')).toBe('Shop → Lake');
    expect(plain('a*b_c|d\n<e> [f](g) {runId} `h` $i')).toBe(
      'a\\*b\\_c\\|d \\<e\\> \\[f\\]\\(g\\) \\{runId\\} \\`h\\` \\$i',
    );
  });

  it('shows an id as a word of a program, one with a backtick as text', () => {
    expect(code('7a0e_9d4c')).toBe('`7a0e_9d4c`');
    expect(code('a`b')).toBe('a\\`b');
  });

  it('links to an address that holds what would end the link', () => {
    expect(link('Shop', 'https://airbyte/a(b)')).toBe('[Shop](https://airbyte/a%28b%29)');
  });

  it('shows lines of a log in a block that they cannot end', () => {
    expect(codeBlock('one\ntwo')).toBe('```\none\ntwo\n```');
    expect(codeBlock('```\nend')).toBe('````\n```\nend\n````');
  });

  it('lists the items that are defined', () => {
    expect(list(['one', undefined, 'two'])).toBe('- one\n- two');
  });

  it('puts numbers to the right, and keeps columns apart that the UI would leave no room between', () => {
    const gap = '\u00a0\u00a0\u00a0';
    expect(table(['Stream', 'Records'], [['orders', '500']])).toBe(
      `| Stream | ${gap}Records |\n| :--- | ---: |\n| orders | ${gap}500 |`,
    );
  });
});
