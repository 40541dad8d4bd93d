import { EventEmitter } from 'node:events';
import type { Terminal, TextStream } from '../../../cli/render/terminal';

/** A stream that keeps what is written to it. */
export class RecordedStream implements TextStream {
  text = '';
  isTTY: boolean;
  columns: number;
  rows = 24;

  constructor({ isTTY = false, columns = 80 } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }

  hasColors(): boolean {
    return false;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  /** What a terminal would show: erased blocks are gone. */
  get screen(): string[] {
    const shown: string[] = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequence that goes up and erases
    for (const part of this.text.split(/(?=\u001b\[\d+A\r\u001b\[J)/)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      const [erasure = '', up = '0'] = /^\u001b\[(\d+)A\r\u001b\[J/.exec(part) ?? [];
      shown.splice(shown.length - Number(up));
      shown.push(...part.slice(erasure.length).split('\n').slice(0, -1));
    }
    return shown;
  }
}

export interface RecordedTerminal extends Terminal {
  stdout: RecordedStream;
  stderr: RecordedStream;
}

export function recordedTerminal(
  options: { isTTY?: boolean; columns?: number; env?: NodeJS.ProcessEnv } = {},
): RecordedTerminal {
  return {
    stdout: new RecordedStream(options),
    stderr: new RecordedStream(options),
    env: options.env ?? {},
    signals: new EventEmitter(),
    canAsk: false,
  };
}
