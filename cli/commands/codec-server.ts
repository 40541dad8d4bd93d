import type { Command } from 'commander';
import { codecServerAccess } from '../../src/configuration/codec-server-settings';
import { readPort } from '../../src/configuration/port';
import { InvalidEnvironmentError } from '../../src/configuration/read-variable';
import { authorizerOf } from '../../src/encryption/codec-authorization';
import { startCodecServer } from '../../src/encryption/codec-server';
import { EncryptionCodec } from '../../src/encryption/encryption-codec';
import { encryptionKeysFromEnvironment } from '../../src/encryption/encryption-keys';
import { messageOf } from '../../src/text/error-message';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withJson } from '../command-context';
import { Interruptions } from '../follow/interruption';

interface CodecServerFlags {
  host: string;
  port: string;
  origin: string[];
  json?: boolean;
}

export function addCodecServerCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('codec-server')
    .summary("decrypt payloads for Temporal's UI and command")
    .description(
      "Runs a codec server, by which Temporal's UI and command show what the workers have encrypted with the keys of AIRBYTE_CODEC_KEYS_FILE. Every caller needs the token AIRBYTE_CODEC_TOKEN, or an access token of AIRBYTE_CODEC_ISSUER.",
    )
    .option('--host <address>', 'address to listen at; 0.0.0.0 accepts connections from other machines', '127.0.0.1')
    .option('--port <port>', 'port to listen at; 0 for a free one', '8081')
    .option(
      '--origin <origin...>',
      "origins of the web pages that may use it: that of Temporal's UI, such as http://localhost:8233",
      [],
    );
  withJson(command).action((flags: CodecServerFlags) => run(context, flags));
}

async function run(context: CommandContext, flags: CodecServerFlags): Promise<void> {
  const output = outputOf(context, flags);
  const { env, signals } = context.terminal;
  const port = toPort(flags.port);
  const origins = flags.origin.map(toOrigin);
  const access = codecServerAccess(env);
  const keys = encryptionKeysFromEnvironment(env);
  if (keys === undefined) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_CODEC_KEYS_FILE',
      'is not set. Set it to the file of keys that the workers have: without keys there is nothing to decrypt.',
    );
  }
  const server = await startCodecServer({
    host: flags.host,
    port,
    origins,
    codec: new EncryptionCodec(keys),
    authorize: authorizerOf(access),
    log: (line) => output.note(`${new Date().toISOString()} ${line}`),
  });
  const interruptions = new Interruptions(signals);
  try {
    output.result({ url: server.url, origins }, () => [
      `The codec server listens at ${server.url} and decrypts with the keys ${[...keys.byId.keys()].join(', ')}. Ctrl-C stops it.`,
    ]);
    if (origins.length === 0) output.note('No web page may use it. Permit the UI of Temporal with --origin.');
    await interruptions.next();
  } finally {
    interruptions[Symbol.dispose]();
    await server.close();
  }
}

/** @throws CliError when browsers would never send it */
function toOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw CliError.badInput(`--origin: '${text}' is no origin of a web page. Give it one like http://localhost:8233.`);
}

/** @throws CliError */
function toPort(text: string): number {
  try {
    return readPort(text, 0);
  } catch (error) {
    throw CliError.badInput(`--port: ${messageOf(error)}.`);
  }
}
