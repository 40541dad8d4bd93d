import { type LogLevel, showsLevel } from '../../src/configuration/log-settings';
import { escapeControlsInStrings, withoutControls } from '../../src/text/control-characters';
import { EXIT } from '../exit-codes';
import type { PresentedFailure } from './failure-presentation';
import { type Paint, painterFor, type Terminal, terminalWidth } from './terminal';
import { wrapSentences } from './terminal-text';

/** The output of a command: results on stdout, everything else on stderr, and with `--json` one document on stdout. */
export class Output {
  /** Paints text for stdout. */
  readonly paintResult: Paint;
  /** Paints text for stderr. */
  readonly paintNote: Paint;

  constructor(
    readonly terminal: Terminal,
    readonly json: boolean,
  ) {
    this.paintResult = painterFor(terminal.stdout);
    this.paintNote = painterFor(terminal.stderr);
  }

  /** The progress that is on the screen. Notes go above it. */
  progress: { note(text: string): void } | undefined;

  /** Writes a line for the user; it is never part of the result. */
  note(text = ''): void {
    this.log(text, 'info');
  }

  /** Writes what the user should know although the command continues; `--quiet` shows it too. */
  warn(text: string): void {
    this.log(`Warning: ${text}`, 'warn');
  }

  /** Writes a detail, which only `--verbose` shows. */
  detail(text: string): void {
    this.log(this.paintNote('dim', `  ${text}`), 'debug');
  }

  private log(text: string, level: LogLevel): void {
    const { stderr, logLevel = 'info' } = this.terminal;
    if (!showsLevel(logLevel, level)) return;
    // Two columns for the indentation of further lines.
    const indented = withContinuations(wrapSentences(text, terminalWidth(stderr) - 2));
    if (stderr.log) stderr.log(indented, level);
    else if (this.progress) this.progress.note(indented);
    else stderr.write(`${indented}\n`);
  }

  /** Writes the command's result: the document with `--json`, otherwise the lines. */
  result(document: unknown, lines: () => string[]): void {
    if (this.json) this.document(document);
    else for (const line of lines()) this.line(line);
  }

  /** Writes one line of a result that comes in parts. */
  line(text: string): void {
    this.terminal.stdout.write(`${text.replace(/\s*[\r\n]\s*/g, ' ')}\n`);
  }

  /** Writes the single document of `--json`. */
  document(document: unknown): void {
    this.terminal.stdout.write(`${escapeControlsInStrings(JSON.stringify(document, undefined, 2))}\n`);
  }

  /** Writes why the command failed: a paragraph on stderr and, with `--json`, the document. */
  failure(failure: PresentedFailure): void {
    const message = withoutControls(failure.message).trim();
    this.log(
      `${this.paintNote('red', failure.exitCode === EXIT.interrupted ? 'Interrupted:' : 'Error:')} ${message}`,
      'error',
    );
    if (this.json) this.document({ error: { ...failure, message } });
  }
}

/** Indents lines after the first, so that a line break in a name or a message cannot fake a line of this program. */
function withContinuations(text: string): string {
  return text.replace(/\n(?=[^\s])/g, '\n  ');
}
