const json = (text: string) => JSON.stringify(text).slice(1, -1);
const utf8 = (text: string) => Buffer.from(text, 'utf8');
const perByte = (text: string, write: (hex: string) => string) =>
  [...utf8(text)].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
const escapedIf = (what: RegExp, write: (code: number) => string) => (text: string) =>
  text.replace(what, (character) => write(character.charCodeAt(0)));
const hex4 = (code: number) => code.toString(16).padStart(4, '0');

/** Every form in which programs write a text that may be a secret, by its name. */
export const SECRET_ENCODINGS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  JSON: json,
  'JSON twice': (text) => json(json(text)),
  'JSON three times': (text) => json(json(json(text))),
  'JSON with its slashes escaped': (text) => json(text).replaceAll('/', '\\/'),
  'ASCII-only JSON': (text) => escapedIf(/[^ -~]/g, (code) => `\\u${hex4(code)}`)(json(text)),
  "Gson's JSON": (text) => escapedIf(/[<>&='ö]/g, (code) => `\\u${hex4(code)}`)(json(text)),
  'the JSON of Gson in JSON': (text) => json(SECRET_ENCODINGS["Gson's JSON"]?.(text) ?? ''),
  'a URL': encodeURIComponent,
  'a URL in lower case': (text) => encodeURIComponent(text).replace(/%../g, (triple) => triple.toLowerCase()),
  'a URL twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'a URL with all of it escaped': (text) => perByte(text, (hex) => `%${hex}`),
  'a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'a form in lower case': (text) =>
    SECRET_ENCODINGS['a form']?.(text).replace(/%../g, (triple) => triple.toLowerCase()) ?? '',
  'a URL in JSON': (text) => json(encodeURIComponent(text)),
  'JSON in a URL': (text) => encodeURIComponent(json(text)),
  'named HTML entities': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&apos;')
      .replaceAll('ö', '&ouml;'),
  'decimal HTML entities': escapedIf(/[^A-Za-z0-9]/g, (code) => `&#${code};`),
  'hexadecimal HTML entities': escapedIf(/[^A-Za-z0-9]/g, (code) => `&#x${code.toString(16)};`),
  'upper-case hexadecimal HTML entities': escapedIf(
    /[^A-Za-z0-9]/g,
    (code) => `&#X${code.toString(16).toUpperCase()};`,
  ),
  'HTML entities twice': (text) => SECRET_ENCODINGS['decimal HTML entities']?.(text).replaceAll('&', '&amp;') ?? '',
  'HTML entities in JSON': (text) => json(SECRET_ENCODINGS['named HTML entities']?.(text) ?? ''),
  "Python's repr": (text) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\t', '\\t'),
  "the repr of Python's bytes": (text) =>
    [...utf8(text)]
      .map((byte) => {
        const character = String.fromCharCode(byte);
        if (/[\\']/.test(character)) return `\\${character}`;
        return byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : character;
      })
      .join(''),
  "Python's ASCII": (text) =>
    escapedIf(/[^ -~]/g, (code) => `\\x${code.toString(16).padStart(2, '0')}`)(text.replaceAll('\\', '\\\\')),
  "PostgreSQL's octal bytes": (text) =>
    [...utf8(text.replaceAll('\\', '\\\\'))]
      .map((byte) =>
        byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte),
      )
      .join(''),
  'a quoted SQL string': (text) => text.replaceAll("'", "''"),
  CSV: (text) => text.replaceAll('"', '""'),
  'hexadecimal digits': (text) => utf8(text).toString('hex'),
  'upper-case hexadecimal digits': (text) => utf8(text).toString('hex').toUpperCase(),
  'upper case': (text) => text.toUpperCase(),
  'lower case': (text) => text.toLowerCase(),
  base64: (text) => utf8(text).toString('base64'),
  'base64 without padding': (text) => utf8(text).toString('base64').replace(/=+$/, ''),
  'base64 behind one byte': (text) => utf8(`a${text}`).toString('base64'),
  'base64 behind two bytes': (text) => utf8(`ab${text}`).toString('base64'),
  'base64 between bytes': (text) => utf8(`abc${text}def`).toString('base64'),
  'base64 of bytes behind one byte': (text) => utf8(`\u0001${text}-`).toString('base64'),
  base64url: (text) => utf8(`?>${text}?>`).toString('base64url'),
  'base64 in a URL': (text) => encodeURIComponent(utf8(`?>${text}?>`).toString('base64')),
  'base64 by Gson': (text) => utf8(text).toString('base64').replaceAll('=', '\\u003d'),
  'base64 wrapped at 76 characters': (text) =>
    utf8(`${'x'.repeat(50)}${text}${'y'.repeat(50)}`)
      .toString('base64')
      .replace(/.{76}/g, '$&\n'),
  'base64 wrapped, in JSON': (text) =>
    json(
      utf8(`${'x'.repeat(50)}${text}${'y'.repeat(50)}`)
        .toString('base64')
        .replace(/.{76}/g, '$&\r\n'),
    ),
  'Basic credentials': (text) => `Basic ${utf8(`airbyte:${text}`).toString('base64')}`,
  'UTF-8 read as Latin 1': (text) => utf8(text).toString('latin1'),
};
