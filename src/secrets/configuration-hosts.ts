/** Finds the hosts that a connector's configuration names, to which a secret in it may be sent. */
import type { FieldPath } from '../text/field-path';
import { leavesOf, replaceReferences, type SecretReference } from '../text/secrets/secret-references';

/** A host in a configuration. */
export interface NamedHost {
  /** The path of the field that contains it. */
  path: FieldPath;
  /** The name or address, in lower case and without brackets. */
  name: string;
  /** Left out if the field has no port. */
  port?: string;
  /** Whether the host is part of a secret, so that messages must not contain it. */
  isSecret: boolean;
  /** Whether programs may parse the host differently, because it has a character that no host has. */
  isAmbiguous: boolean;
}

/** The names of fields whose values are hosts in any form: `db` is a host, too. */
const HOST_FIELD =
  /(?:^|_)(?:hosts?|host_?names?|servers?|server_?names?|address(?:es)?|addr|endpoints?|urls?|uris?|domains?|brokers?|proxy|dsn|site|base_?url|connection_?string|data_?source|ip)$|(?:host|server|url|uri|endpoint)$/i;

/** The names of fields whose values may contain dots, but are not hosts. */
const NON_HOST_FIELD =
  /(?:path|file|files|glob|globs|table|tables|schema|schemas|stream|streams|class|driver|format|pattern|query|collection|topic|column|field|cursor|key|name|version|image|bucket|prefix|user|username|email)$/i;

const URL_AUTHORITY = /[a-z][\w+.-]*:\/\/([^/?#\s"'<>;]*)/gi;
/** The hosts in a connection string: `Server=…;`, `proxyHost=…&`. */
const PARAMETER =
  /(?:^|[?&;,\s])[\w .-]*?(?:host(?:addr|name)?|server(?:name)?|data[ _]?source|addr(?:ess)?|endpoint(?:suffix)?|url|uri|proxy)[ \t]*=[ \t]*([^&;\s]+)/gi;
/** The host after the credentials of a connection string that is no URL: `user:password@tcp(host:3306)/shop`. */
const AFTER_CREDENTIALS = /@(?:\/\/|\w*\()?([^/()?#\s@]+)/g;
const FILE_EXTENSION =
  /\.(?:csv|tsv|json|jsonl|txt|parquet|avro|orc|xml|ya?ml|gz|zip|log|sql|xlsx?|pem|crt|key|js|py|java|class|jar)$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*\]?)(?::\d+)?$/i;
const FULL_NAME = /^[\w-]+(?:\.[\w-]+)*\.[a-z][a-z0-9-]*\.?(?::\d{1,5})?$/i;
const NAME_AND_PORT = /^[a-z][\w.-]*:\d{4,5}$/i;

/** Stands for a reference; no host has this name. */
const SECRET_HOST_PLACEHOLDER = 'place-of-a-secret.invalid';

/**
 * Finds the hosts in a configuration: in fields for hosts and URLs, in connection strings, and in other fields whose value has
 * the form of an address or of a host's full name.
 *
 * @param resolve resolves a reference; it is called only for references that are part of a host
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
    const hostsWithPlaceholders = hostsInText(
      replaceReferences(text, () => SECRET_HOST_PLACEHOLDER),
      key,
    );
    const isSecret = hostsWithPlaceholders.some((host) => host.includes(SECRET_HOST_PLACEHOLDER));
    const hosts = isSecret
      ? hostsInText(
          replaceReferences(text, (reference) => resolve(reference, field)),
          key,
        )
      : hostsWithPlaceholders;
    return hosts.map((host) => ({ path: field, isSecret, ...toHost(host) }));
  });
}

function hostsInText(text: string, key: string): string[] {
  if (HOST_FIELD.test(key)) {
    // Such a field may contain a list. The query of a single URL may contain commas and semicolons.
    const items = /^https?:\/\/\S*$/i.test(text) ? [text] : text.split(/[,;\s]+/);
    return items.flatMap((item) => {
      const found = hostsInUrls(item, true);
      return found.length > 0 || item.includes('=') ? found : splitList(item.replace(/[/?#].*$/, ''));
    });
  }
  const found = hostsInUrls(text, /:[^\s@]*@|@(?:\/\/|\w*\()/.test(text));
  if (found.length > 0) return found;
  return splitList(text).filter((item) => (NON_HOST_FIELD.test(key) ? ADDRESS.test(item) : isHostByForm(item)));
}

/** Finds the hosts in the URLs and connection strings of a text. */
function hostsInUrls(text: string, hasCredentials: boolean): string[] {
  const authorities = [...text.matchAll(URL_AUTHORITY)].flatMap(([, authority = '']) =>
    hostsAfterCredentials(authority),
  );
  const parameters = [...text.matchAll(PARAMETER)].flatMap(([, value = '']) => splitList(value.replace(/^tcp:/i, '')));
  const others =
    authorities.length > 0 || !hasCredentials
      ? []
      : [...text.matchAll(AFTER_CREDENTIALS)].flatMap(([, host = '']) => splitList(host));
  return [...authorities, ...parameters, ...others];
}

/** Programs differ in which `@` ends the credentials and whether a backslash ends the host, so each part counts as a host. */
function hostsAfterCredentials(authority: string): string[] {
  if (authority.includes('\\')) return authority.split(/[@\\]/).flatMap(splitList);
  const [first = '', ...others] = authority.split('@');
  return (others.length === 0 ? [first] : others).flatMap(splitList);
}

/** Splits a list of hosts. A number between commas is a port. */
function splitList(text: string): string[] {
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
