import type { Writable } from 'node:stream';

type Closable = Pick<Writable, 'on' | 'removeAllListeners'>;

/** Where a process writes: `process`, or a stand-in in tests. */
export interface Outputs {
  stdout: Closable;
  stderr: Closable;
  exitCode?: NodeJS.Process['exitCode'];
  exit(code?: NodeJS.Process['exitCode']): void;
}

/** What writing meets where whoever read us has gone: a closed pipe, or a terminal that was closed. */
const CLOSED_OUTPUT_CODES: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/**
 * `temporal-airbyte list | head -1`: a command whose results nobody reads any more ends without a word. Notes that nobody
 * reads keep it from nothing.
 */
export function exitOnClosedOutput(outputs: Outputs): void {
  outputs.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!CLOSED_OUTPUT_CODES.has(error.code)) throw error;
    outputs.exit(outputs.exitCode ?? 0);
  });
  outputs.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!CLOSED_OUTPUT_CODES.has(error.code)) throw error;
  });
}

/**
 * A worker goes on when its log can no longer be written, since its reader has gone or the disk is full: what it does for
 * others matters more than what it tells.
 */
export function ignoreClosedOutput({ stdout, stderr }: Outputs): void {
  for (const stream of [stdout, stderr]) stream.removeAllListeners('error').on('error', () => {});
}
