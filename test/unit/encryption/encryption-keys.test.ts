import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidEnvironmentError } from '../../../src/configuration/read-variable';
import { encryptionKeysFromEnvironment, parseEncryptionKeys } from '../../../src/encryption/encryption-keys';
import { keyLine } from '../../support/encryption-keys';

describe('parseEncryptionKeys', () => {
  it('takes the first key to encrypt, and all to decrypt, whatever blanks, comments and line ends there are', () => {
    const [newest, old] = [keyLine('2026-11'), keyLine('2026-05')];
    const { current, byId } = parseEncryptionKeys(`# rotated twice a year\r\n\r\n  ${newest}\r\n${old}\t\r\n`);
    expect(current).toEqual({ id: '2026-11', secret: Buffer.from(newest.split(' ')[1] ?? '', 'base64') });
    expect([...byId.keys()]).toEqual(['2026-11', '2026-05']);
  });

  const valid = keyLine('valid');
  const [, secret = ''] = valid.split(' ');
  const invalid: [problem: string, text: string, message: RegExp][] = [
    ['no key', '# nothing\n', /^it has no key\. Expected the id of a key and the key/],
    ['a key without an id', `${valid}\n${secret}`, /^line 2 has 1 words\./],
    ['a word too many', `${valid} second`, /^line 1 has 3 words\./],
    ['an id that no payload may have', `key/1 ${secret}`, /^line 1 begins with an id that cannot be used/],
    ['an id twice', `${valid}\n\n${keyLine('valid')}`, /^line 3 has the id 'valid', as a line before it has/],
    [
      'a key of 31 bytes',
      `short ${Buffer.alloc(31, 1).toString('base64')}`,
      /^the key 'short' in line 1 is not 32 bytes/,
    ],
    ['a key that is no base64', `odd ${'*'.repeat(43)}=`, /^the key 'odd' in line 1 is not 32 bytes/],
    ['a key in hexadecimal', `hex ${'ab'.repeat(32)}`, /^the key 'hex' in line 1 is not 32 bytes/],
  ];
  it.each(invalid)('names the line of %s, and shows no key', (_, text, message) => {
    let error = new Error('nothing was thrown');
    try {
      parseEncryptionKeys(text);
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error.message).toMatch(message);
    for (const word of text.split(/\s+/).filter(({ length }) => length > 20)) expect(error.message).not.toContain(word);
  });
});

describe('encryptionKeysFromEnvironment', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const read = (file: string) => () => encryptionKeysFromEnvironment({ AIRBYTE_CODEC_KEYS_FILE: file });

  it('has none where no file is set', () => {
    expect(encryptionKeysFromEnvironment({ AIRBYTE_CODEC_KEYS_FILE: '' })).toBeUndefined();
  });

  it('names the variable and the file that is missing or invalid', async () => {
    const missing = join(folder, 'missing');
    expect(read(missing)).toThrow(InvalidEnvironmentError);
    expect(read(missing)).toThrow(/^AIRBYTE_CODEC_KEYS_FILE names a file that cannot be read: ENOENT/);
    const empty = join(folder, 'empty');
    await writeFile(empty, '');
    expect(read(empty)).toThrow(`AIRBYTE_CODEC_KEYS_FILE names a file that cannot be used, ${empty}: it has no key.`);
  });
});
