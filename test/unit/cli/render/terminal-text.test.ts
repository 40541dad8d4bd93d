import { describe, expect, it } from '@jest/globals';
import { textWidth, truncate, wrap, wrapLines, wrapSentences } from '../../../../cli/render/terminal-text';
import { oneLine, withoutControls } from '../../../../src/text/control-characters';

describe('text that is wrapped', () => {
  it('breaks at blanks, and never within a word', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('a verylongword b', 4)).toEqual(['a', 'verylongword', 'b']);
    expect(wrap('one two', Number.POSITIVE_INFINITY)).toEqual(['one two']);
    expect(wrap('東京 東京', 8)).toEqual(['東京', '東京']);
  });
});

describe('lines that are wrapped', () => {
  it('are indented below their beginning', () => {
    expect(wrapLines('one two three\n  four five six', 10)).toBe('one two\n  three\n  four\n    five\n    six');
    expect(wrapLines('  fits', 10)).toBe('  fits');
  });

  it('have the width that a terminal shows, without the colours', () => {
    expect(wrapLines('\u001b[31mone\u001b[39m two three', 9)).toBe('\u001b[31mone\u001b[39m two\n  three');
  });

  it('keep a command whole, which a user copies', () => {
    expect(wrapLines('run `npm run build` first', 12)).toBe('run\n  `npm run build`\n  first');
  });

  it('are sentences only, where tables and commands are among them', () => {
    expect(wrapSentences('one two three\n  export A=1 B=2', 10)).toBe('one two\n  three\n  export A=1 B=2');
  });

  it('stay as they are on a pipe', () => {
    expect(wrapLines('one two three', Number.POSITIVE_INFINITY)).toBe('one two three');
  });
});

describe('text of others', () => {
  it('loses its escape sequences, whole', () => {
    expect(withoutControls('a\u001b[31mred\u001b[0m \u001b]0;title\u0007b\u001b[2J')).toBe('ared b');
  });

  it('loses control characters that could rewrite the line or turn the text around', () => {
    expect(withoutControls('pay\rload\b\u202eevil\u009b31m')).toBe('payloadevil31m');
  });

  it('keeps its lines and tabs', () => {
    expect(withoutControls('one\r\ntwo\n\tthree')).toBe('one\ntwo\n\tthree');
  });

  it('becomes one line where there is only one', () => {
    expect(oneLine('  at first\n   then\t\tlater ')).toBe('at first then later');
  });
});

describe('width', () => {
  it.each([
    ['plain', 5],
    ['PostgreSQL → MinIO', 18],
    ['東京', 4],
    ['e\u0301', 1],
    ['🚀', 2],
  ])('of %s is %d columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is what a text is cut to', () => {
    expect(truncate('customers', 9)).toBe('customers');
    expect(truncate('customers', 6)).toBe('custo…');
    expect(truncate('東京都', 4)).toBe('東…');
    expect(truncate('anything', 0)).toBe('');
  });
});
