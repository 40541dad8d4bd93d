/** Runs a connector as a child process and reads the JSON lines it writes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { jsonText } from './exact-json';
import { readMessage } from './message-reader';
import { type AirbyteMessage, ConnectorError, knownFailureType, type TraceError } from './protocol';

/** A connector that was asked to end has so long before it is killed. */
const GRACE_MS = 5_000;
const KEPT_STDERR_LINES = 20;

/** How a connector is started; the protocol's own arguments (`read --config …`) come after `command`. */
export interface ConnectorCommand {
  /** The program and its first arguments: `['source-faker']`, `['docker', 'run', '--rm', '-i', …]`. */
  command: readonly [string, ...string[]];
  /** Environment variables on top of the sandbox's own `PATH`, `HOME` and the like. */
  env?: Record<string, string>;
  cwd?: string;
}

/** What a connector needs of its surroundings; nothing else of the sandbox's environment is its business. */
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
 * Runs a connector with one command of the protocol, and gives its messages as they come. A connector that writes faster
 * than it is read is held back by its pipe.
 *
 * @param files - what to hand over as files, by option: `{ config: {…} }` is passed as `--config <path>`. They are
 * readable by the sandbox's user only, and removed when the connector has ended.
 * @param mask - puts the connector's secrets out of sight in a line that an error shows
 * @throws ConnectorError when it cannot be started, writes a message that cannot be read, or ends with an error
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
      // A group of its own, so that what a wrapper has started ends with it.
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
      if (stderr.length > KEPT_STDERR_LINES) stderr.shift();
    }
  })().catch(() => undefined); // What it could not say does not change how it ended.
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
        message = readMessage(line, { place: `line ${lineNumber} of ${title}`, mask });
      } catch (error) {
        if (isWhole) throw error;
        // The connector ended within this line: how it ended is the better reason.
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
      // An exit code after its own reason adds nothing to it.
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
      // Nobody reads on; what is left in the pipe must not keep it from ending.
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
    // The group is gone already, or the platform has none.
    child.kill(name);
  }
}

/** Lines of text. The last is not whole when nothing ends it. */
async function* linesOf(stream: AsyncIterable<Buffer> | null): AsyncGenerator<{ text: string; isWhole: boolean }> {
  const decoder = new StringDecoder('utf8');
  // Parts of a line that has not ended yet; joined once, since a line may be long.
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
