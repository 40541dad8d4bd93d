/** Runs a connector as a child process and reads the JSON lines that it writes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { jsonText } from './exact-json';
import { readMessage } from './message-reader';
import { type AirbyteMessage, ConnectorError, knownFailureType, type TraceError } from './protocol';

/** How long a connector may take to stop before it is killed. */
const GRACE_MS = 5_000;
const MAXIMUM_STDERR_LINES = 20;

/** How to start a connector. The protocol's arguments (`read --config …`) are appended to `command`. */
export interface ConnectorCommand {
  /** The program and its first arguments: `['source-faker']`, `['docker', 'run', '--rm', '-i', …]`. */
  command: readonly [string, ...string[]];
  /** Environment variables in addition to the sandbox's own `PATH`, `HOME` and so on. */
  env?: Record<string, string>;
  cwd?: string;
}

/**
 * The variables that a connector inherits. It gets nothing else of the sandbox's environment, which may contain
 * secrets.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'DOCKER_HOST',
];

function childEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(passedOn), ...extra };
}

/**
 * Runs a connector with one command of the protocol and yields its messages. If the reader is slower than the
 * connector, the pipe slows the connector down.
 *
 * @param files - documents to pass as files, by option: `{ config: {…} }` is passed as `--config <path>`. Only the
 * sandbox's user can read the files, and they are removed when the connector has ended.
 * @param mask - masks the connector's secrets in a line that an error message quotes
 * @throws ConnectorError if the connector cannot be started, writes an invalid message, or ends with an error
 */
export async function* runConnector(
  { command: [program, ...firstArguments], env, cwd }: ConnectorCommand,
  protocolCommand: string,
  files: Record<string, unknown>,
  signal: AbortSignal,
  mask: (text: string) => string = (text) => text,
): AsyncGenerator<AirbyteMessage> {
  signal.throwIfAborted();
  const folder = await mkdtemp(path.join(tmpdir(), 'airbyte-connector-'));
  try {
    const options: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, `${name}.json`);
      await writeFile(file, jsonText(content), { mode: 0o600 });
      options.push(`--${name}`, file);
    }
    signal.throwIfAborted();
    const child = spawn(program, [...firstArguments, protocolCommand, ...options], {
      cwd,
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that processes started by a wrapper script stop with it.
      detached: true,
    });
    yield* messagesOf(child, [program, protocolCommand].join(' '), signal, mask);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* messagesOf(
  child: ChildProcess,
  title: string,
  signal: AbortSignal,
  mask: (text: string) => string,
): AsyncGenerator<AirbyteMessage> {
  const ended = new Promise<{ code: number | null; signalName: NodeJS.Signals | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signalName: null, error }));
    child.once('close', (code, signalName) => resolve({ code, signalName }));
  });
  const killNow = (): void => signalGroup(child, 'SIGKILL');
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup(child, 'SIGTERM');
    killTimer ??= setTimeout(killNow, GRACE_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  process.once('exit', killNow);

  const stderr: string[] = [];
  const stderrRead = (async () => {
    for await (const { text } of linesOf(child.stderr)) {
      if (text.trim() === '') continue;
      stderr.push(text);
      if (stderr.length > MAXIMUM_STDERR_LINES) stderr.shift();
    }
    // An error while reading stderr only shortens the message about the connector's end.
  })().catch(() => undefined);
  let reported: TraceError | undefined;
  let finished = false;
  let lineNumber = 0;
  let cutOff: unknown;
  try {
    for await (const { text: line, isWhole } of linesOf(child.stdout)) {
      lineNumber += 1;
      if (line.trim() === '') continue;
      let message: AirbyteMessage;
      try {
        message = readMessage(line, { position: `line ${lineNumber} of ${title}`, mask });
      } catch (error) {
        if (isWhole) throw error;
        // The connector ended in the middle of this line, so its exit is the better reason for the failure.
        cutOff = error;
        break;
      }
      if (message.type === 'TRACE' && message.trace.type === 'ERROR') reported ??= message.trace.error;
      yield message;
    }
    const { code, signalName, error } = await ended;
    await stderrRead;
    finished = true;
    signal.throwIfAborted();
    if (error) throw new ConnectorError(`${title} could not be started: ${error.message}`, 'system_error');
    if (code !== 0) {
      // The connector gave a reason itself, so its exit code is not needed.
      if (reported) throw new ConnectorError(reported.message, knownFailureType(reported.failure_type));
      const how = signalName ? `was ended by ${signalName}` : `ended with exit code ${code}`;
      throw new ConnectorError(`${title} ${how}${stderr.length > 0 ? `: ${stderr.join('\n')}` : ''}`);
    }
    if (cutOff !== undefined) throw cutOff;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    if (!finished) {
      stop();
      // Nothing reads the output any more, and a full pipe must not keep the connector from ending.
      child.stdout?.resume();
      await ended;
    }
    clearTimeout(killTimer);
    signal.removeEventListener('abort', stop);
    process.removeListener('exit', killNow);
  }
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group no longer exists, or the platform has no process groups.
    child.kill(name);
  }
}

/** Splits a stream into lines. The last line is not whole if no newline ends it. */
async function* linesOf(stream: AsyncIterable<Buffer> | null): AsyncGenerator<{ text: string; isWhole: boolean }> {
  const decoder = new StringDecoder('utf8');
  // The parts of the current line. They are joined once, because a line may be long.
  let parts: string[] = [];
  for await (const chunk of stream ?? []) {
    const pieces = decoder.write(chunk).split('\n');
    for (const piece of pieces.slice(0, -1)) {
      const line = parts.join('') + piece;
      parts = [];
      yield { text: line, isWhole: true };
    }
    parts.push(pieces.at(-1) ?? '');
  }
  const last = parts.join('') + decoder.end();
  if (last !== '') yield { text: last, isWhole: false };
}
