import type { LogLevel } from '../../src/configuration/log-settings';
import { SDK_LOG_LEVELS, toJsonLine } from '../../worker/log-lines';
import type { TextStream } from './terminal';

/** Writes each note, and the error at the end, as a line of a log in JSON: programs read such a log, and accept nothing else in it. */
export class JsonLinesStream implements TextStream {
  constructor(private readonly stream: TextStream) {}

  write(text: string): void {
    this.log(text, 'info');
  }

  log(line: string, level: LogLevel): void {
    const message = line.trim();
    if (message === '') return;
    const timestampNanos = BigInt(Date.now()) * 1_000_000n;
    this.stream.write(`${toJsonLine({ level: SDK_LOG_LEVELS[level], message, timestampNanos, meta: {} })}\n`);
  }
}
