import type { Writable } from 'node:stream';

type Closable = Pick<Writable, 'on' | 'removeAllListeners'>;

/** The output streams of a process: `process`, or a stand-in in tests. */
export interface Outputs {
  stdout: Closable;
  stderr: Closable;
  exitCode?: NodeJS.Process['exitCode'];
  exit(code?: NodeJS.Process['exitCode']): void;
}

/** The errors of a write after the reader has gone: a closed pipe, or a closed terminal. */
const CLOSED_OUTPUT_CODES: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/**
 * Ends the process silently when the reader of its results has gone, as in `temporal-airbyte list | head -1`. When only the
 * reader of its notes has gone, the command continues.
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
 * Lets a worker continue when its log can no longer be written, because the reader has gone or the disk is full: its work
 * matters more than its log.
 */
export function ignoreClosedOutput({ stdout, stderr }: Outputs): void {
  for (const stream of [stdout, stderr]) stream.removeAllListeners('error').on('error', () => {});
}
