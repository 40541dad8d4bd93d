import { describe, expect, test } from '@jest/globals';
import { MASK } from '../../src/text/masking/mask';
import { type KnownSecret, SecretMask } from '../../src/text/masking/secret-mask';
import { SECRET_ENCODINGS } from '../support/secret-encodings';

const SECRET = 'P4ss"wörd\\<&=\'/x+y% z\tEnd?7';

function maskOf(...values: string[]) {
  const known: KnownSecret[] = values.map((value, index) => ({ name: `SECRET_${index}`, value }));
  return new SecretMask(() => known);
}

const utf8 = (text: string) => Buffer.from(text, 'utf8');

/** Any run of five characters that a form of the secret consists of. */
function remains(masked: string, whole: string): string[] {
  const runs = Array.from({ length: whole.length - 4 }, (_, at) => whole.slice(at, at + 5));
  return runs.filter((run) => masked.includes(run));
}

describe('A secret is masked', () => {
  test.each(Object.keys(SECRET_ENCODINGS))('in the form of %s', (name) => {
    const written = SECRET_ENCODINGS[name]?.(SECRET) ?? '';

    const masked = maskOf(SECRET).mask(`# # # ${written} # # #`);

    expect(masked).toContain(MASK);
    const [before, behind] = [masked.indexOf('# # #'), masked.lastIndexOf('# # #')];
    expect([before, behind]).toEqual([0, masked.length - 5]);
    const text =
      name.startsWith('base64') || name.startsWith('Basic') ? utf8(SECRET).toString('base64').slice(2, -4) : written;
    expect(remains(masked, text)).toEqual([]);
  });

  test.each(['Sup3rSecret', 'hunter2', 'x8Fq-21', 'correct horse battery staple', 'ÄÖÜäöü', 'a\\nb\\tc\\u0041'])(
    'in all of these forms when it is %s',
    (secret) => {
      const { mask } = maskOf(secret);

      const shown = Object.entries(SECRET_ENCODINGS)
        .map(([name, write]) => [name, mask(`"${write(secret)}"`)] as const)
        .filter(([, text]) => !text.includes(MASK));

      expect(shown).toEqual([]);
    },
  );
});
