import { toJsonLine } from '../../worker/log-lines';
import type { TextStream } from './terminal';

/** Writes each note, and the error at the end, as a line of a log in JSON: programs read such a log, and accept nothing else in it. */
export class JsonLinesStream implements TextStream {
  constructor(private readonly stream: TextStream) {}

  write(text: string): void {
    const message = text.trim();
    const level = message.startsWith('Error:') ? 'ERROR' : 'INFO';
    const timestampNanos = BigInt(Date.now()) * 1_000_000n;
    if (message !== '') this.stream.write(`${toJsonLine({ level, message, timestampNanos, meta: {} })}\n`);
  }
}
