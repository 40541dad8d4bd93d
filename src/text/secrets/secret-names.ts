/** Recognizes secrets by the names of their fields. */
import type { FieldPath } from '../field-path';

/** The names of secrets, in snake case. Words before them do not matter: `tunnel_user_password`. */
const SECRETS = [
  'password|passwd|pwd|pass|passphrase|passcode|passkey|secret|token|bearer|jwt|authorization|credentials?|cookies?',
  '(?:db|user|admin|root|sql|smtp|ftp|sftp|ldap|ssh)pass(?:word|wd)?',
  '(?:api|access|secret|private|ssh|client|account|shared|master|signing|encryption|auth|authentication|hmac)_?key',
  'access_key_id|hmac_key_access_id|service_account(?:_(?:key|info|credentials))?',
  'connection_(?:string|uri|url)|sas_(?:url|uri|key|signature)|shared_access_signature',
].join('|');

/** Words that may follow the name of a secret: `token_value`, `credentials_json`. */
const FORMS = 'value|string|text|content|json|pem|base64|b64';

// `max_tokens`, `primary_key`, `token_url` and `service_account_email` do not match.
const SECRET_NAME = new RegExp(`(?:^|_)(?:${SECRETS})(?:_(?:${FORMS}))?$`);

/** The names of pagination tokens, which are no secrets. */
const PAGINATION_TOKEN = /(?:^|_)(?:page|next|continuation|cursor)_token$/;

/** A key that does not describe its value: `password: { value: … }`. */
const GENERIC_KEY = /^(?:value|values|text|string|content|data|raw|plain|plaintext)$/;

/** Whether the name of a field, a parameter or a header is that of a secret. */
export function isSecretName(name: string): boolean {
  const plain = snakeCase(name);
  return SECRET_NAME.test(plain) && !PAGINATION_TOKEN.test(plain);
}

/** Whether a field is a secret by its key or, if that is generic, by the key of its parent. */
export function isSecretField(path: FieldPath): boolean {
  const keys = path.filter((segment) => typeof segment !== 'number').map(String);
  if (keys.length > 1 && GENERIC_KEY.test(keys.at(-1) ?? '')) keys.pop();
  const name = keys.at(-1) ?? '';
  // An item of a list has the list's key in the singular: `api_keys[0]`.
  return isSecretName(typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name);
}

/** Converts `clientSecret`, `Client-Secret` and `client_secret` to one name. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
