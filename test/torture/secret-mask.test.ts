import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { onBehalfOf } from '../../src/text/masking/caller-texts';
import { MASK } from '../../src/text/masking/mask';
import { SecretMask } from '../../src/text/masking/secret-mask';

function maskOf(values: Record<string, string>) {
  const known = Object.entries(values).map(([name, value]) => ({ name, value }));
  return new SecretMask(() => known);
}

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const KEY_LINE = String(PEM).split('\n')[3] ?? '';

describe('A part of a structured secret is masked', () => {
  it.each([
    ['the password of a URL', 'postgres://shop:S3sam-open@db.internal:5432/shop', 'S3sam-open'],
    ['the password of a URL, decoded', 'postgres://shop:S3sam%2Fopen%21@db/shop', 'S3sam/open!'],
    ['the password of a Go DSN', 'shop:S3sam-open@tcp(db:3306)/shop?parseTime=true', 'S3sam-open'],
    ['the password of a libpq string', "host=db user=shop password='S3sam open' dbname=shop", 'S3sam open'],
    ['the password of an ODBC string', 'Server=db;Uid=shop;Pwd=S3sam-open;Encrypt=yes', 'S3sam-open'],
    [
      'the key of an Azure string',
      'AccountName=shop;AccountKey=q83vASNFZ4k+/w==;EndpointSuffix=net',
      'q83vASNFZ4k+/w==',
    ],
    ['the signature of a SAS URL', 'https://shop.blob.example/lake?sv=2022&sig=q83vASNF%2FZ4k%3D', 'q83vASNF/Z4k='],
    ['the key of a service account', JSON.stringify({ type: 'service_account', private_key: PEM }), KEY_LINE],
    ['the id of a key', JSON.stringify({ private_key_id: '0a1b2c3d4e5f' }), '0a1b2c3d4e5f'],
    ['a line of a key', String(PEM), KEY_LINE],
    ['a line of a key written in one line', String(PEM).replaceAll('\n', '\\n'), KEY_LINE],
    ['the token of a header', 'Bearer S3sam-open-the-door', 'S3sam-open-the-door'],
    ['the password of Basic credentials', `Basic ${Buffer.from('shop:S3sam-open').toString('base64')}`, 'S3sam-open'],
    ['the signature of a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wIn0.q83vASNFZ4k_-w', 'q83vASNFZ4k_-w'],
    [
      'a secret in JSON in JSON',
      JSON.stringify({ credentials: JSON.stringify({ token: 'S3sam-open' }) }),
      'S3sam-open',
    ],
    ['a line of several', 'first-line-of-it\nsecond-line-of-it\n', 'second-line-of-it'],
  ])('%s', (_, secret, part) => {
    const { mask } = maskOf({ SECRET: secret });

    expect(mask(`"${part}" was refused`)).toBe(`"${MASK}" was refused`);
    expect(mask(`${encodeURIComponent(part)}&${Buffer.from(part).toString('base64')}`)).not.toMatch(
      /sam|q83v|0a1b|second/,
    );
  });

  it('and what is public of it stays', () => {
    const account = {
      type: 'service_account',
      client_email: 'shop@example.com',
      private_key: PEM,
      project_id: 'shop-1',
    };
    const { mask } = maskOf({ A: JSON.stringify(account), B: 'postgres://shop:S3sam-open@db.internal/shop' });
    const text = 'shop@example.com of shop-1 cannot reach db.internal, -----BEGIN PRIVATE KEY----- has another form';

    expect(mask(text)).toBe(text);
  });
});

describe('A part of a secret that a cut has left is masked', () => {
  const { mask } = maskOf({ SECRET: 'S3sam-open-the-door' });

  it.each(['login with S3sam-open-the', 'login with S3sam-open…', 'login with S3sam-open... (more)'])('%s', (text) => {
    expect(mask(text)).toMatch(/^login with \*{10}(…|\.\.\. \(more\))?$/);
  });

  it('and less of it, or a word that begins like it, stays', () => {
    expect(mask('login with S3s')).toBe('login with S3s');
    expect(mask('S3sam-open is a door')).toBe('S3sam-open is a door');
  });
});

describe('A secret that cannot be masked', () => {
  it.each([
    ['pw1', 'fewer than 4 characters', 'pw1 of pw1x'],
    ['ab12', 'fewer than 6 characters', 'xab12'],
    ['Postgres', 'common word', 'Postgres refused postgres'],
    ['password', 'common word', 'wrong password'],
  ])('is reported by its name, once, and never by its value: %s', (value, problem, text) => {
    const masking = maskOf({ SECRET_SHOP: value, SECRET_OTHER: 'S3sam-open-the-door' });

    const [weak, ...others] = masking.newWeakSecrets();

    expect(weak).toMatchObject({ name: 'SECRET_SHOP', problem: expect.stringContaining(problem) });
    expect(weak?.problem).not.toContain(value);
    expect(others).toEqual([]);
    expect(masking.newWeakSecrets()).toEqual([]);
    expect(masking.mask(text)).toBe(text);
  });

  it('because it is short is masked where it stands alone', () => {
    expect(maskOf({ SECRET_SHOP: 'ab12' }).mask('login "ab12" failed')).toBe(`login "${MASK}" failed`);
  });
});

describe('A guess', () => {
  const { mask } = maskOf({ SECRET: 'S3sam-open', OTHER: 'hunter2-horse' });
  const responseTo = (host: string) =>
    onBehalfOf([{ configuration: { host, list: [1, null, { deep: host }] } }], () =>
      mask(`${host} does not resolve (login hunter2-horse)`).replaceAll(host, 'HOST'),
    );

  it.each(['S3sam-open', 'xS3sam-openx', 's3sam-OPEN', Buffer.from('S3sam-open').toString('base64')])(
    'that is right has the same response as one that is wrong: %s',
    (guess) => {
      expect(responseTo(guess)).toBe(responseTo('S3sam-closed'));
      expect(responseTo(guess)).toBe(`HOST does not resolve (login ${MASK})`);
    },
  );
});

describe('Masking', () => {
  it('leaves nothing of a secret that another is a part of, or overlaps', () => {
    const { mask } = maskOf({ A: 'abcdef12', B: 'abcdef12345', C: '345xyz78' });

    expect(mask('abcdef12345xyz78 abcdef12')).toBe(`${MASK} ${MASK}`);
  });

  it('knows a secret from the moment on that there is one', () => {
    const known = [{ name: 'A', value: 'first-secret' }];
    const { mask } = new SecretMask(() => known);
    expect(mask('first-secret other-secret')).toBe(`${MASK} other-secret`);

    known.push({ name: 'B', value: 'other-secret' });

    expect(mask('first-secret other-secret')).toBe(`${MASK} ${MASK}`);
  });

  it.each([
    '',
    'a',
    '\\',
    '%',
    '&',
    '&amp;',
    '\\u12',
    '%zz',
    '&#99999999;',
    '\\u{110000}',
    '\\xc3',
    '\ud800',
    '\u0130x',
  ])('leaves other texts as they are, and any odd one: %j', (text) => {
    const { mask } = maskOf({ A: 'first-secret', B: '**********', C: '----------', D: '   ' });
    const whole = `${text}${text} ********** ---------- ${text}`;
    expect(mask(whole)).toBe(whole);
    expect(mask(`${text}first-secret`)).toBe(`${text}${MASK}`);
  });

  it.each([
    ['backslashes', '\\'],
    ['percent signs', '%25'],
    ['entities', '&amp;'],
    ['blanks', ' '],
    ['beginnings of a secret', 'first-'],
    ['secrets', 'first-secret '],
  ])('comes to an end with a megabyte of %s', (_, unit) => {
    const text = unit.repeat(1_000_000 / unit.length);
    expect(maskOf({ A: 'first-secret' }).mask(text)).not.toContain('first-secret');
  });
});
