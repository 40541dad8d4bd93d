import { canRedraw, type Terminal, type TextStream, terminalHeight, terminalWidth } from './terminal';
import { truncate } from './terminal-text';
import { WaitingLines } from './waiting-lines';

/** A line that is shown again when it changes. */
export interface WatchedLine {
  /** What the line is about: the job, the fleet. */
  key: string;
  text: string;
  /** A line whose state changes is written immediately; growing counts are no new state. */
  state: string;
}

/** In a log file, a line whose state stays is written again only after this time. */
const SAME_STATE_INTERVAL_MS = 10_000;

/** Shows a result that changes: on a terminal as one block that it redraws, elsewhere as the lines that changed. */
export class WatchedLines {
  private readonly stream: TextStream;
  private readonly redraws: boolean;
  private drawnLines = 0;
  private readonly waitingLines = new WaitingLines();
  private readonly written = new Map<string, WatchedLine & { at: number }>();

  constructor(
    terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {
    this.stream = terminal.stdout;
    this.redraws = canRedraw(terminal.stdout, terminal.env);
  }

  /**
   * @param heading lines above the others, which are written once where nothing is redrawn
   * @param waitingFor why the result cannot be read at the moment
   */
  show(heading: readonly string[], lines: readonly WatchedLine[], waitingFor?: string): void {
    if (this.redraws) {
      const waiting = waitingFor === undefined ? [] : [truncate(`! ${waitingFor}`, terminalWidth(this.stream))];
      // What has scrolled off the terminal could not be erased.
      const height = terminalHeight(this.stream) - 1 - waiting.length;
      this.redraw([...[...heading, ...lines.map(({ text }) => text)].slice(0, height), ...waiting]);
      return;
    }
    const line = this.waitingLines.next(waitingFor, this.now());
    if (line !== undefined) this.stream.write(`${line}\n`);
    this.writeChanges(heading, lines);
  }

  private redraw(lines: string[]): void {
    const erasure = this.drawnLines === 0 ? '' : `\u001b[${this.drawnLines}A\r\u001b[J`;
    this.stream.write(erasure + lines.map((line) => `${line}\n`).join(''));
    this.drawnLines = lines.length;
  }

  private writeChanges(heading: readonly string[], lines: readonly WatchedLine[]): void {
    const changed = lines.filter((line) => this.isNew(line));
    const isFirst = this.written.size === 0;
    for (const line of changed) this.written.set(line.key, { ...line, at: this.now() });
    const texts = [...(isFirst && changed.length > 0 ? heading : []), ...changed.map(({ text }) => text)];
    for (const text of texts) this.stream.write(`${text}\n`);
  }

  private isNew({ key, text, state }: WatchedLine): boolean {
    const before = this.written.get(key);
    if (before?.state !== state) return true;
    return withoutPadding(before.text) !== withoutPadding(text) && this.now() - before.at >= SAME_STATE_INTERVAL_MS;
  }
}

/** The columns of a table get wider with their longest text, which changes nothing in the other lines. */
function withoutPadding(text: string): string {
  return text.replace(/ +/g, ' ');
}
