/** Recognizes secrets and certificates by their form. */
import { isSecretName } from './secret-names';
import { containsReference } from './secret-references';

/** Keys and tokens whose first characters identify their service, at the beginning of a word. */
const KNOWN_TOKENS = new RegExp(
  `(?<![A-Za-z0-9_])(?:${[
    'gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_\\w{16,}|gl(?:pat|rt|dt|ptt|cbt|soat)-[\\w-]{16,}', // GitHub, GitLab
    '(?:AKIA|ASIA)[A-Z0-9]{12,}(?![A-Za-z0-9])', // AWS
    'xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{16,}', // Slack
    'sk-(?:[a-z0-9]{2,10}-){0,3}[A-Za-z0-9_]{16,}', // OpenAI and others
    '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{16,}', // Stripe
    'AIza[\\w-]{30,}|ya29\\.[\\w-]{16,}|GOCSPX-[\\w-]{16,}', // Google
    'SG\\.[\\w-]{16,}\\.[\\w-]{16,}|xkeysib-[\\w-]{16,}|key-[0-9a-f]{32}', // SendGrid, Brevo, Mailgun
    'shp(?:at|ss|ca|pa)_[A-Za-z0-9]{16,}|pat-[a-z]{2}\\d-[0-9a-f-]{32,}|pat[A-Za-z0-9]{14}\\.[0-9a-f]{32,}', // Shopify, HubSpot, Airtable
    'npm_[A-Za-z0-9]{30,}|pypi-[\\w-]{30,}|dop_v1_[0-9a-f]{32,}|dapi[0-9a-f]{32}|hv[sb]\\.[\\w-]{20,}', // registries, DigitalOcean, Databricks, Vault
    'ATATT[\\w=-]{30,}|lin_api_\\w{20,}|ntn_\\w{30,}|glsa_\\w{20,}|PMAK-[\\w-]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}', // Atlassian, Linear, Notion, Grafana, Postman, age
  ].join('|')})`,
);
const JSON_WEB_TOKEN = /(?<![\w.-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/;
const SLACK_WEBHOOK = /hooks\.slack\.com\/(?:services|workflows)\/\w+\/\w+\/\w+/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY|PuTTY-User-Key-File-\d/;
const CERTIFICATE = /-----BEGIN [A-Z0-9 ]*CERTIFICATE/;
/** `-----BEGIN ` in Base64. */
const BASE64_PEM = /^\s*LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]+$/;

/** The group of each is the text in the position of a secret, which may be a reference. */
const SECRET_POSITIONS: readonly RegExp[] = [
  // A URL. A password may hold a slash, a port does not hold letters.
  /\w:\/\/[^/?#\s:@]*:(?!\d{1,5}[/?#])((?:(?!:\/\/)[^\s@])+)@/g,
  // user:password@tcp(host:3306)/shop, as in Go
  /^[^\s:@/()]+:([^\s@]+)@(?:\w+)?\(/g,
  // user:password@host:5432/shop, without the scheme
  /^(?!(?:mailto|sips?|acct|xmpp|urn|npm):)[\w.+-]+:([^\s:@/]+)@[\w.-]+(?::\d{2,5}(?!\w)|\/\w)/g,
  // scott/tiger@host:1521/service, as in Oracle's tools
  /(?:^|jdbc:oracle:\w+:)\w+\/([^\s@/]+)@(?:\/\/)?[\w.-]+:\d{2,5}[:/]\w/g,
  // A header's value. `Basic auth` and `Bearer token` are names of methods.
  /^(?:Bearer|Basic)\s+(?!(?:auth(?:entication|orization)?|tokens?|http|access|credentials?)$)(\S+)$/gi,
  /^(?:Token|ApiKey|Api-Key|SSWS|Splunk|GenieKey)\s+(?:token=)?"?([\w.~+/=-]{16,})"?$/gi,
  // Headers in a text, one in each line
  /^[ \t]*(?:(?:Proxy-)?Authorization|(?:Set-)?Cookie|(?:X-)?(?:Api|Auth|Access|Private|Session)-?(?:Key|Token))[ \t]*:[ \t]*(\S.*)$/gim,
  // The signature of a URL
  /[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=([^&;\s]+)/gi,
];

/** `Pwd=…;` in a connection string, `&api_key=…` in a URL, `password=…` between blanks. */
const PARAMETER = /(?:^|[?&;,\s"'{(])([\w.-]+)[ \t]*=[ \t]*([^&;\s]+)/g;

/** Whether a text contains a secret by its form, whatever its field is named: a token, a key, a URL with a password. */
export function containsSecret(text: string): boolean {
  return (
    KNOWN_TOKENS.test(text) ||
    JSON_WEB_TOKEN.test(text) ||
    SLACK_WEBHOOK.test(text) ||
    PRIVATE_KEY.test(text) ||
    SECRET_POSITIONS.some((pattern) =>
      [...text.matchAll(pattern)].some(([, secret = '']) => !containsReference(secret)),
    ) ||
    [...text.matchAll(PARAMETER)].some(
      ([, name = '', secret = '']) => isSecretName(name) && !containsReference(secret),
    ) ||
    (BASE64_PEM.test(text) && containsSecret(decodeBase64(text)))
  );
}

/** Whether a text is a certificate. It is not secret, but an imported document names it like a secret, because it is long. */
export function containsCertificate(text: string): boolean {
  return CERTIFICATE.test(text) || (BASE64_PEM.test(text) && containsCertificate(decodeBase64(text)));
}

// Workflow code has no Buffer.
function decodeBase64(base64: string): string {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let text = '';
  let bits = 0;
  let held = 0;
  for (const character of base64.slice(0, BASE64_PREFIX_LENGTH)) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) continue;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    text += String.fromCharCode((held >> bits) & 0xff);
  }
  return text;
}

/** The first line of a key or a certificate says what it is. */
const BASE64_PREFIX_LENGTH = 400;
