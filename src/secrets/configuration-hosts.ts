import type { FieldPath } from '../text/field-path';
import { leavesOf, replaceReferences, type SecretReference } from '../text/secrets/secret-references';

/** A host that a configuration names. */
export interface NamedHost {
  /** The field that names it. */
  path: FieldPath;
  /** In lower case, without brackets. */
  name: string;
  /** Left out where the field does not say it. */
  port?: string;
  /** Whether it comes out of a secret, and must not be told. */
  isSecret: boolean;
  /** Whether programs may read it in different ways: it has a character that no host has. */
  isAmbiguous: boolean;
}

/** Fields that hold nothing but hosts, whatever these look like: `db` is one, too. */
const HOST_FIELD =
  /(?:^|_)(?:hosts?|host_?names?|servers?|server_?names?|address(?:es)?|addr|endpoints?|urls?|uris?|domains?|brokers?|proxy|dsn|site|base_?url|connection_?string|data_?source|ip)$|(?:host|server|url|uri|endpoint)$/i;

/** Fields that hold names with dots in them which are none of hosts. */
const NON_HOST_FIELD =
  /(?:path|file|files|glob|globs|table|tables|schema|schemas|stream|streams|class|driver|format|pattern|query|collection|topic|column|field|cursor|key|name|version|image|bucket|prefix|user|username|email)$/i;

const URL_AUTHORITY = /[a-z][\w+.-]*:\/\/([^/?#\s"'<>;]*)/gi;
/** Hosts of a connection string: `Server=…;`, `proxyHost=…&`. */
const PARAMETER =
  /(?:^|[?&;,\s])[\w .-]*?(?:host(?:addr|name)?|server(?:name)?|data[ _]?source|addr(?:ess)?|endpoint(?:suffix)?|url|uri|proxy)[ \t]*=[ \t]*([^&;\s]+)/gi;
/** What follows the credentials of a connection string that is no URL: `user:password@tcp(host:3306)/shop`. */
const AFTER_CREDENTIALS = /@(?:\/\/|\w*\()?([^/()?#\s@]+)/g;
const FILE_EXTENSION =
  /\.(?:csv|tsv|json|jsonl|txt|parquet|avro|orc|xml|ya?ml|gz|zip|log|sql|xlsx?|pem|crt|key|js|py|java|class|jar)$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*\]?)(?::\d+)?$/i;
const FULL_NAME = /^[\w-]+(?:\.[\w-]+)*\.[a-z][a-z0-9-]*\.?(?::\d{1,5})?$/i;
const NAME_AND_PORT = /^[a-z][\w.-]*:\d{4,5}$/i;

/** In the place of a reference; no host has this name. */
const SECRET_HOST_PLACEHOLDER = 'place-of-a-secret.invalid';

/**
 * The hosts that a configuration names: in fields for hosts and URLs, in connection strings, and wherever a value is an
 * address or a full name of a host by its form.
 *
 * @param resolve looks up a secret; called for those only that a host is, or is made of
 */
export function hostsOf(
  configuration: unknown,
  path: FieldPath,
  resolve: (reference: SecretReference, path: FieldPath) => string,
): NamedHost[] {
  return [...leavesOf(configuration, path)].flatMap(({ value, path: field }) => {
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const text = String(value);
    const key = String(field.findLast((segment) => typeof segment !== 'number') ?? '');
    const named = hostsInText(
      replaceReferences(text, () => SECRET_HOST_PLACEHOLDER),
      key,
    );
    const isSecret = named.some((host) => host.includes(SECRET_HOST_PLACEHOLDER));
    const hosts = isSecret
      ? hostsInText(
          replaceReferences(text, (reference) => resolve(reference, field)),
          key,
        )
      : named;
    return hosts.map((host) => ({ path: field, isSecret, ...toHost(host) }));
  });
}

function hostsInText(text: string, key: string): string[] {
  if (HOST_FIELD.test(key)) {
    // Programs read a list in such a field, too. One URL may have commas and semicolons in its query.
    const items = /^https?:\/\/\S*$/i.test(text) ? [text] : text.split(/[,;\s]+/);
    return items.flatMap((item) => {
      const found = hostsInUrls(item, true);
      return found.length > 0 || item.includes('=') ? found : listed(item.replace(/[/?#].*$/, ''));
    });
  }
  const found = hostsInUrls(text, /:[^\s@]*@|@(?:\/\/|\w*\()/.test(text));
  if (found.length > 0) return found;
  return listed(text).filter((item) => (NON_HOST_FIELD.test(key) ? ADDRESS.test(item) : isHostByForm(item)));
}

/** The hosts of URLs and of connection strings in a text. */
function hostsInUrls(text: string, hasCredentials: boolean): string[] {
  const authorities = [...text.matchAll(URL_AUTHORITY)].flatMap(([, authority = '']) =>
    hostsAfterCredentials(authority),
  );
  const parameters = [...text.matchAll(PARAMETER)].flatMap(([, value = '']) => listed(value.replace(/^tcp:/i, '')));
  const others =
    authorities.length > 0 || !hasCredentials
      ? []
      : [...text.matchAll(AFTER_CREDENTIALS)].flatMap(([, host = '']) => listed(host));
  return [...authorities, ...parameters, ...others];
}

/** Programs disagree about which `@` ends the credentials, and whether a backslash ends the host: each part counts. */
function hostsAfterCredentials(authority: string): string[] {
  if (authority.includes('\\')) return authority.split(/[@\\]/).flatMap(listed);
  const [first = '', ...others] = authority.split('@');
  return (others.length === 0 ? [first] : others).flatMap(listed);
}

/** The hosts of a list; a number between commas is a port. */
function listed(text: string): string[] {
  return text.split(/[,\s]+/).filter((item) => item !== '' && !/^\d{1,5}$/.test(item));
}

function isHostByForm(text: string): boolean {
  return ADDRESS.test(text) || NAME_AND_PORT.test(text) || (FULL_NAME.test(text) && !FILE_EXTENSION.test(text));
}

function toHost(text: string): Pick<NamedHost, 'name' | 'port' | 'isAmbiguous'> {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  const isVersion6 = /^[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(text);
  const [plain = '', port] = bracketed ? [bracketed[1], bracketed[2]] : isVersion6 ? [text] : text.split(':');
  const name = plain.toLowerCase().replace(/\.$/, '');
  const isAmbiguous = !/^[a-z0-9_.:-]+$/.test(name) || (port !== undefined && !/^\d+$/.test(port));
  return { name, ...(port !== undefined && { port }), isAmbiguous };
}
