import { withoutControls } from '../../src/text/control-characters';
import type { Mask } from '../../src/text/masking/secret-mask';
import { type Terminal, type TextStream, terminalHeight, terminalWidth } from './terminal';

/** The escape sequences that our own painters write: bold, dim, colours, and their resets. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
const STYLE_SEQUENCE = /(\u001b\[(?:1|2|22|3[1-6]|39)m)/;

/** The sequence at the start of a write of the progress display, which moves up and erases the lines that it drew. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequence that goes up and erases
const ERASE_SEQUENCE = /^\u001b\[\d+A\r\u001b\[J/;

/**
 * Wraps a terminal so that names and messages from elsewhere cannot move the cursor, change the title, ring the bell or
 * reverse the text, and so that secrets are masked.
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
    // The split puts our own sequences at the odd indexes.
    const harmless = parts.map((part, index) => (index % 2 === 1 ? part : withoutControls(part)));
    this.stream.write(erasure + harmless.join(''));
  }

  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  get columns(): number {
    return terminalWidth(this.stream);
  }

  get rows(): number {
    return terminalHeight(this.stream);
  }

  hasColors(): boolean {
    return this.stream.hasColors?.() === true;
  }
}
