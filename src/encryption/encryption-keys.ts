import { readFileSync } from 'node:fs';
import { type Environment, InvalidEnvironmentError, readVariable } from '../configuration/read-variable';
import { messageOf } from '../text/error-message';

/** AES-256. */
const KEY_BYTES = 32;
const KEY_ID = /^[\w.-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

const HOW_TO_WRITE_A_KEY = 'Expected the id of a key and the key: `2026-11 <output of openssl rand -base64 32>`';

/** A key of AES-256-GCM. */
export interface EncryptionKey {
  /** Stored with each payload that the key encrypts, in plain text. */
  id: string;
  secret: Buffer;
}

/** The keys of a process. All of them decrypt. */
export interface EncryptionKeys {
  /** The key that encrypts: the first one in the file. */
  current: EncryptionKey;
  byId: ReadonlyMap<string, EncryptionKey>;
}

/**
 * Reads the file that `AIRBYTE_CODEC_KEYS_FILE` names; undefined if it is not set: then nothing is encrypted.
 *
 * @throws InvalidEnvironmentError when the file cannot be read or is invalid; the message has no part of a key
 */
export function encryptionKeysFromEnvironment(env: Environment = process.env): EncryptionKeys | undefined {
  const file = readVariable(env, 'AIRBYTE_CODEC_KEYS_FILE');
  if (file === undefined) return undefined;
  const invalid = (problem: string) => new InvalidEnvironmentError('AIRBYTE_CODEC_KEYS_FILE', problem);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`names a file that cannot be read: ${messageOf(error)}.`);
  }
  try {
    return parseEncryptionKeys(text);
  } catch (error) {
    throw invalid(`names a file that cannot be used, ${file}: ${messageOf(error)}.`);
  }
}

/**
 * Parses a file of keys: one key a line, its id and then 32 bytes in base64. Empty lines and lines that begin with `#` have no
 * meaning.
 *
 * @throws TypeError which names the line, and has no part of a key
 */
export function parseEncryptionKeys(text: string): EncryptionKeys {
  const byId = new Map<string, EncryptionKey>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [id, secret, ...rest] = line.trim().split(/\s+/);
    if (!id || id.startsWith('#')) continue;
    const where = `line ${index + 1}`;
    if (secret === undefined || rest.length > 0) {
      throw new TypeError(`${where} has ${rest.length + (secret === undefined ? 1 : 2)} words. ${HOW_TO_WRITE_A_KEY}`);
    }
    if (!KEY_ID.test(id)) {
      throw new TypeError(
        `${where} begins with an id that cannot be used: expected at most 64 letters, digits, dots, hyphens and underscores`,
      );
    }
    if (byId.has(id))
      throw new TypeError(`${where} has the id '${id}', as a line before it has. Give each key its own id`);
    if (!BASE64.test(secret)) {
      throw new TypeError(`the key '${id}' in ${where} is not ${KEY_BYTES} bytes in base64. ${HOW_TO_WRITE_A_KEY}`);
    }
    byId.set(id, { id, secret: Buffer.from(secret, 'base64') });
  }
  const [current] = byId.values();
  if (current === undefined) throw new TypeError(`it has no key. ${HOW_TO_WRITE_A_KEY}`);
  return { current, byId };
}
