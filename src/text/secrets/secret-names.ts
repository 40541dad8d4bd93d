import type { FieldPath } from '../field-path';

/** The keys that mean a secret, in snake case. The words before them do not matter: `tunnel_user_password`. */
const SECRETS = [
  'password|passwd|pwd|pass|passphrase|passcode|passkey|secret|token|bearer|jwt|authorization|credentials?|cookies?',
  '(?:db|user|admin|root|sql|smtp|ftp|sftp|ldap|ssh)pass(?:word|wd)?',
  '(?:api|access|secret|private|ssh|client|account|shared|master|signing|encryption|auth|authentication|hmac)_?key',
  'access_key_id|hmac_key_access_id|service_account(?:_(?:key|info|credentials))?',
  'connection_(?:string|uri|url)|sas_(?:url|uri|key|signature)|shared_access_signature',
].join('|');

/** What may follow such a word and leaves it a secret: `token_value`, `credentials_json`. */
const FORMS = 'value|string|text|content|json|pem|base64|b64';

// `max_tokens`, `primary_key`, `token_url` and `service_account_email` do not end this way.
const SECRET_NAME = new RegExp(`(?:^|_)(?:${SECRETS})(?:_(?:${FORMS}))?$`);

/** Places in a list of results, which are called tokens too. */
const PAGINATION_TOKEN = /(?:^|_)(?:page|next|continuation|cursor)_token$/;

/** A key that says nothing of what is in it: `password: { value: … }`. */
const GENERIC_KEY = /^(?:value|values|text|string|content|data|raw|plain|plaintext)$/;

/** Whether a field, a parameter or a header of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const plain = snakeCase(name);
  return SECRET_NAME.test(plain) && !PAGINATION_TOKEN.test(plain);
}

/** Whether the way to a field says that it holds a secret: its key does or, where that says nothing, the one around it. */
export function isSecretField(path: FieldPath): boolean {
  const keys = path.filter((segment) => typeof segment !== 'number').map(String);
  if (keys.length > 1 && GENERIC_KEY.test(keys.at(-1) ?? '')) keys.pop();
  const name = keys.at(-1) ?? '';
  // In a list, the list's key in the singular: `api_keys[0]`.
  return isSecretName(typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name);
}

/** `clientSecret`, `Client-Secret` and `client_secret` are one name. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
