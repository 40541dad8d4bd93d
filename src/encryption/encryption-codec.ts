import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { EncryptionKey, EncryptionKeys } from './encryption-keys';

/** The encoding of an encrypted payload, as in Temporal's samples: https://docs.temporal.io/production-deployment/data-encryption. */
const ENCODING = 'binary/encrypted';
const KEY_ID_FIELD = 'encryption-key-id';

const ALGORITHM = 'aes-256-gcm';
/** The length for which GCM is made: NIST SP 800-38D, 8.2. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const { Payload: payloadMessage } = temporal.api.common.v1;

/** A payload is encrypted and this process cannot decrypt it. The message says why, and what to do. */
export class EncryptedPayloadError extends Error {
  override readonly name = 'EncryptedPayloadError';

  constructor(
    /** The id of the key that has encrypted the payload. */
    readonly keyId: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Encrypts payloads with AES-256-GCM before they are sent to Temporal, and decrypts those that come back.
 *
 * The data of an encrypted payload are a random nonce of 12 bytes, the encrypted message `temporal.api.common.v1.Payload`, and
 * the tag of 16 bytes. The encoding and the id of the key, which are the metadata, are authenticated with it.
 *
 * Payloads that are not encrypted are returned as they are, because a history may be older than its namespace's encryption.
 * Without keys, nothing is encrypted.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: EncryptionKeys | undefined) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { keys } = this;
    return keys === undefined ? payloads : payloads.map((payload) => encrypt(payload, keys.current));
  }

  /** @throws EncryptedPayloadError when a payload was encrypted with a key that is missing, or was changed */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (isEncrypted(payload) ? this.#decrypt(payload) : payload));
  }

  #decrypt({ metadata, data }: Payload): Payload {
    const keyId = textOf(metadata?.[KEY_ID_FIELD]);
    const key = this.keys?.byId.get(keyId);
    if (key === undefined) {
      throw new EncryptedPayloadError(
        keyId,
        this.keys === undefined
          ? `A payload in Temporal is encrypted with the key '${keyId}', and AIRBYTE_CODEC_KEYS_FILE is not set here. Set it to the file of keys that the workers have.`
          : `A payload in Temporal is encrypted with the key '${keyId}', which the file of AIRBYTE_CODEC_KEYS_FILE does not have. Add that key to the file, below the first one.`,
      );
    }
    try {
      return decrypt(Buffer.from(data ?? []), key);
    } catch (cause) {
      throw new EncryptedPayloadError(
        keyId,
        `A payload in Temporal cannot be decrypted with the key '${keyId}': it was encrypted with another key of that id, or changed since. Give each key an id of its own.`,
        { cause },
      );
    }
  }
}

/** Whether a payload is encrypted, by this codec or by another one with the same name for its encoding. */
export function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === ENCODING;
}

function encrypt(payload: Payload, { id, secret }: EncryptionKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(id));
  const encrypted = [cipher.update(payloadMessage.encode(payload).finish()), cipher.final()];
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_ID_FIELD]: Buffer.from(id) },
    data: Buffer.concat([nonce, ...encrypted, cipher.getAuthTag()]),
  };
}

/** @throws Error when the data were not encrypted with this key, or were changed */
function decrypt(data: Buffer, { id, secret }: EncryptionKey): Payload {
  if (data.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('The data are too short');
  const nonce = data.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES })
    .setAAD(authenticated(id))
    .setAuthTag(data.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  return payloadMessage.decode(plain);
}

/** The metadata in the form in which they are authenticated. */
function authenticated(keyId: string): Buffer {
  return Buffer.from(`${ENCODING}\n${keyId}`);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes).toString() : '';
}
