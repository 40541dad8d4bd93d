import { styleText } from 'node:util';
import type { LogLevel } from '../../src/configuration/log-settings';

/** The part of a stream that the CLI writes to: `process.stdout`, `process.stderr`, or a recorder in tests. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Width of the terminal; changes when the user resizes it. */
  columns?: number;
  /** Height of the terminal. */
  rows?: number;
  /** Honours `NO_COLOR`, `FORCE_COLOR` and `TERM`, as Node's terminal streams do. */
  hasColors?(): boolean;
  /** Writes a line as an entry of a log. Only a stream that is a log with levels has it. */
  log?(line: string, level: LogLevel): void;
}

/** `SIGINT` is the user's Ctrl-C. The others come from a scheduler or a terminal that was closed. */
export const INTERRUPT_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptSignal = (typeof INTERRUPT_SIGNALS)[number];

/** What emits the signals: `process`, or an emitter in tests. */
export interface SignalSource {
  on(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
  off(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
}

/** What a command reads and writes, so that a test can replace the terminal. */
export interface Terminal {
  /** Results; with `--json` one document and nothing else. */
  stdout: TextStream;
  /** Everything else: progress, notes, errors. */
  stderr: TextStream;
  env: NodeJS.ProcessEnv;
  signals: SignalSource;
  /** Whether a command can ask the user a question. */
  canAsk: boolean;
  /** How much a command says on stderr. @default info */
  logLevel?: LogLevel;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signals: process,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
  };
}

/** Styles a text if the stream shows colours. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

export function painterFor(stream: TextStream): Paint {
  const colours = stream.isTTY === true && stream.hasColors?.() === true;
  return (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text);
}

/** Whether lines on the stream can be redrawn. `TERM=dumb` terminals, such as Emacs's shell, cannot. */
export function canRedraw(stream: TextStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** The terminal's height in lines. */
export function terminalHeight(stream: TextStream): number {
  return stream.rows ?? 24;
}

/** The terminal's width in columns; `Infinity` for a pipe or file, where lines are never cut. */
export function terminalWidth(stream: TextStream): number {
  return stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
}
