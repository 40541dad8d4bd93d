/** Enough to see why a job has failed. */
const KEPT_LINES = 20;
/** A line that is longer says nothing to a person. */
const LONGEST_LINE = 64 * 1024;
/** How much of a job with its log is read. */
export const MAXIMUM_LOG_BYTES = 8 * 1024 * 1024;

interface OpenLog {
  /** The brackets that are open in the current line. */
  depth: number;
  lines: string[];
  line: string;
  isTooLong: boolean;
  /** Whether its lines are text, and not events. */
  isText: boolean;
}

/** The fields that hold a log's lines: of text, or since 1.6 as events. */
const LOG_FIELDS = ['"logLines"', '"events"'];

export const LOG_TOO_LONG = `The log is longer than ${MAXIMUM_LOG_BYTES / 1024 / 1024} MB and was not read to its end: lines above this one are of its first part, Airbyte has the rest.`;

/**
 * Cuts the logs in a JSON text down to their last lines while the text comes in, so that it is never held as a whole.
 * Everything else passes as it is.
 */
export class LogTrimmer {
  readonly #kept: string[] = [];
  /** The brackets that are open outside of a log, the innermost last. */
  #open = '';
  #inString = false;
  #isEscaped = false;
  /** What of the current token, outside of a log, tells whether a log begins. */
  #lastString = '';
  #string = '';
  #log: OpenLog | undefined;

  push(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (char === '\\') this.#isEscaped = true;
        else if (char === '"') this.#inString = false;
        if (!this.#log) this.#noteString(char);
        continue;
      }
      if (char === '"') {
        this.#inString = true;
        if (!this.#log) this.#string = '"';
        continue;
      }
      if (this.#log) {
        const ended = this.#readInLog(this.#log, char, () => {
          const line = text.slice(from, at);
          from = at + 1;
          return line;
        });
        if (ended) from = at;
        continue;
      }
      if (char === '[' && LOG_FIELDS.includes(this.#lastString)) {
        this.#kept.push(text.slice(from, at + 1));
        this.#open += '[';
        this.#log = { depth: 0, lines: [], line: '', isTooLong: false, isText: this.#lastString === LOG_FIELDS[0] };
        from = at + 1;
      } else if (char === '[' || char === '{') this.#open += char;
      else if (char === ']' || char === '}') this.#open = this.#open.slice(0, -1);
      if (char !== ':' && !/\s/.test(char)) this.#lastString = '';
    }
    if (this.#log) this.#add(this.#log, text.slice(from));
    else this.#kept.push(text.slice(from));
  }

  /** The text so far. */
  get text(): string {
    return this.#kept.join('');
  }

  /**
   * The text so far, ended within a log: after the last lines that were read it says that the log was too long. Undefined
   * where the text does not end in a log: then nobody can tell what would follow.
   */
  endInLog(): string | undefined {
    if (!this.#log) return undefined;
    const notice = JSON.stringify(LOG_TOO_LONG);
    const line = this.#log.isText ? notice : `{"level":"WARN","message":${notice}}`;
    const closing = [...this.#open].reverse().map((bracket) => (bracket === '[' ? ']' : '}'));
    return [...this.#kept, [...this.#log.lines, line].join(','), ...closing].join('');
  }

  /** @returns whether the log has ended with this character, which then is the first of what follows */
  #readInLog(log: OpenLog, char: string, takeLine: () => string): boolean {
    if (char === '[' || char === '{') log.depth += 1;
    else if (log.depth > 0 && (char === ']' || char === '}')) log.depth -= 1;
    else if (log.depth === 0 && (char === ',' || char === ']')) {
      this.#add(log, takeLine());
      const line = log.isTooLong ? (log.isText ? '""' : '{}') : log.line.trim();
      if (line !== '') log.lines.push(line);
      if (log.lines.length > KEPT_LINES) log.lines.shift();
      log.line = '';
      log.isTooLong = false;
      if (char === ',') return false;
      this.#kept.push(log.lines.join(','));
      this.#open = this.#open.slice(0, -1);
      this.#log = undefined;
      this.#lastString = '';
      return true;
    }
    return false;
  }

  #add(log: OpenLog, text: string): void {
    log.isTooLong ||= log.line.length + text.length > LONGEST_LINE;
    if (log.isTooLong) log.line = '';
    else log.line += text;
  }

  #noteString(char: string): void {
    if (this.#string.length <= 10) this.#string += char;
    if (!this.#inString) this.#lastString = this.#string;
  }
}

/**
 * Reads a JSON text with the logs in it cut down to their last lines, as far as {@link MAXIMUM_LOG_BYTES}.
 *
 * @throws Error when there is more, and what comes then is no log
 */
export async function readTrimmed(body: AsyncIterable<Buffer>): Promise<string> {
  const trimmer = new LogTrimmer();
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    trimmer.push(decoder.decode(chunk, { stream: true }));
    if (bytes > MAXIMUM_LOG_BYTES) {
      const text = trimmer.endInLog();
      if (text === undefined) throw new Error(`the response is longer than ${MAXIMUM_LOG_BYTES} bytes`);
      return text;
    }
  }
  trimmer.push(decoder.decode());
  return trimmer.text;
}
