import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { EncryptedPayloadError, EncryptionCodec } from '../../../src/encryption/encryption-codec';
import { parseEncryptionKeys } from '../../../src/encryption/encryption-keys';
import { keyLine } from '../../support/encryption-keys';

const [first, second] = [keyLine('first'), keyLine('second')];
const codecOf = (...lines: string[]) => new EncryptionCodec(parseEncryptionKeys(lines.join('\n')));
const codec = codecOf(first);

const VALUES = [{ host: 'db.internal', streams: ['customers'] }, 'text', null, undefined, new Uint8Array([0, 255, 7])];
const payloads = VALUES.map((value) => defaultPayloadConverter.toPayload(value));

const valuesOf = (decoded: Payload[]) => decoded.map((payload) => defaultPayloadConverter.fromPayload(payload));

async function encrypted(by = codec): Promise<{ metadata: Record<string, Uint8Array>; data: Uint8Array }> {
  const [{ metadata, data } = {}] = await by.encode([defaultPayloadConverter.toPayload('text')]);
  return { metadata: metadata ?? {}, data: data ?? new Uint8Array() };
}

describe('EncryptionCodec', () => {
  it('returns what it has encrypted, whatever the value and its encoding', async () => {
    const encoded = await codec.encode(payloads);
    for (const { metadata, data } of encoded) {
      expect(String(metadata?.['encoding'])).toBe('binary/encrypted');
      expect(String(metadata?.['encryption-key-id'])).toBe('first');
      expect(Object.keys(metadata ?? {})).toHaveLength(2);
      expect(Buffer.from(data ?? []).toString('latin1')).not.toMatch(/internal|customers|json\/plain|text/);
    }
    expect(valuesOf(await codec.decode(encoded))).toEqual(VALUES);
  });

  it('encrypts the same value differently each time', async () => {
    const [one, other] = await Promise.all([encrypted(), encrypted()]);
    expect(one.data).not.toEqual(other.data);
  });

  it('returns payloads as they are that were never encrypted, with keys and without', async () => {
    expect(await codec.decode(payloads)).toEqual(payloads);
    expect(await new EncryptionCodec(undefined).decode(payloads)).toEqual(payloads);
    expect(await new EncryptionCodec(undefined).encode(payloads)).toEqual(payloads);
  });

  it('decrypts during each step of a rotation what the processes of the step before and after encrypt', async () => {
    const steps = [codecOf(first), codecOf(first, second), codecOf(second, first), codecOf(second)];
    for (const [index, step] of steps.slice(1).entries()) {
      const before = steps[index] as EncryptionCodec;
      expect(valuesOf(await step.decode(await before.encode(payloads)))).toEqual(VALUES);
      expect(valuesOf(await before.decode(await step.encode(payloads)))).toEqual(VALUES);
    }
  });

  it('says which key is missing, and where to add it', async () => {
    const payload = await encrypted();
    const lacking = codecOf(second).decode([payload]);
    await expect(lacking).rejects.toThrow(EncryptedPayloadError);
    await expect(lacking).rejects.toThrow(/encrypted with the key 'first', which the file .* does not have/);
    const without = new EncryptionCodec(undefined).decode([payload]);
    await expect(without).rejects.toThrow(/encrypted with the key 'first', and AIRBYTE_CODEC_KEYS_FILE is not set/);
  });

  it('rejects a payload of which any byte has changed, or the id of its key, or its end is missing', async () => {
    const payload = await encrypted();
    const rejected = async (changed: Payload, by = codec) =>
      expect(by.decode([changed])).rejects.toThrow(/cannot be decrypted with the key '\w+'.*or changed since/);
    for (let at = 0; at < payload.data.length; at += 1) {
      const data = Buffer.from(payload.data);
      data[at] = (data[at] ?? 0) ^ 1;
      await rejected({ ...payload, data });
    }
    for (const length of [0, 11, 27, payload.data.length - 1]) {
      await rejected({ ...payload, data: payload.data.subarray(0, length) });
    }
    // Two ids of one key: the id is authenticated too.
    const renamed = codecOf(first, first.replace('first', 'renamed'));
    await rejected(
      { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('renamed') } },
      renamed,
    );
    await rejected(await encrypted(codecOf(keyLine('first'))));
  });
});
