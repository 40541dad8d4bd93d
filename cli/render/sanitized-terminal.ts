import { withoutControls } from '../../src/text/control-characters';
import type { Mask } from '../../src/text/masking/secret-mask';
import { type Terminal, type TextStream, terminalWidth } from './terminal';

/** What our own painters write: bold, dim, the colours, and their ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
const STYLE_SEQUENCE = /(\u001b\[(?:1|2|22|3[1-6]|39)m)/;

/** What the progress display begins a write with: it goes up over the lines that it has drawn, and erases them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequence that goes up and erases
const ERASE_SEQUENCE = /^\u001b\[\d+A\r\u001b\[J/;

/**
 * The terminal, for texts that hold names and messages of others: these cannot move the cursor, change the title, ring or
 * turn the text around, and no secret is among them.
 */
export function sanitizedTerminal(terminal: Terminal, mask: Mask): Terminal {
  return {
    ...terminal,
    stdout: new SanitizedStream(terminal.stdout, mask),
    stderr: new SanitizedStream(terminal.stderr, mask),
  };
}

class SanitizedStream implements TextStream {
  constructor(
    private readonly stream: TextStream,
    private readonly mask: Mask,
  ) {}

  write(text: string): void {
    const [erasure = ''] = this.isTTY ? (ERASE_SEQUENCE.exec(text) ?? []) : [];
    const parts = this.mask(text.slice(erasure.length)).split(this.hasColors() ? STYLE_SEQUENCE : /$^/);
    // Split at our own sequences, which come at every second place.
    const harmless = parts.map((part, index) => (index % 2 === 1 ? part : withoutControls(part)));
    this.stream.write(erasure + harmless.join(''));
  }

  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  get columns(): number {
    return terminalWidth(this.stream);
  }

  hasColors(): boolean {
    return this.stream.hasColors?.() === true;
  }
}
