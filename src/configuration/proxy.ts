import { isIP } from 'node:net';

/** A forward proxy for requests to Airbyte, and the variable that names it. */
export interface NamedProxy {
  /** With the proxy's credentials, if it has any. */
  url: string;
  variable: string;
}

/** The proxy that the environment names for a server. */
export interface ProxyChoice {
  /** The proxy to use, if any. */
  proxy?: NamedProxy;
  /** Says which proxy is used, or that one is set but not used, and why. It has no credentials. */
  note?: string;
}

/** The variable does not name a usable proxy. The message does not show its value, which may hold a password. */
export class UnusableProxyError extends Error {
  override readonly name = 'UnusableProxyError';

  constructor(readonly variable: string) {
    super(
      'does not name a proxy that can be used. Set it to an address like http://proxy.example.com:3128, or to nothing for no proxy.',
    );
  }
}

/** Names a proxy for any server, even for this machine itself. */
const EXPLICIT_PROXY_VARIABLE = 'AIRBYTE_PROXY';

/**
 * The proxy for a server, from the variables that curl knows: `https_proxy`, `http_proxy`, `no_proxy`, also in capitals.
 * Requests to this machine itself use no proxy, unless `AIRBYTE_PROXY` names one.
 *
 * @throws UnusableProxyError
 */
export function proxyFor(serverUrl: string, env: Readonly<Record<string, string | undefined>>): ProxyChoice {
  const server = new URL(serverUrl);
  const name = server.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const variable = [EXPLICIT_PROXY_VARIABLE, name, name.toUpperCase()].find((candidate) => env[candidate]?.trim());
  if (variable === undefined) return {};
  const url = readProxy(variable, env[variable] ?? '');
  if (variable !== EXPLICIT_PROXY_VARIABLE) {
    const reason = reasonToBypass(server, env['no_proxy'] ?? env['NO_PROXY'] ?? '');
    if (reason) return { note: `${variable} is not used for Airbyte at ${server.host}: ${reason}.` };
  }
  return {
    proxy: { url: url.href, variable },
    note: `Requests to Airbyte go through the proxy ${url.origin} (${variable}).`,
  };
}

function readProxy(variable: string, text: string): URL {
  const written = text.trim();
  // As in curl, an address without a scheme means http.
  const address = written.includes('://') ? written : `http://${written}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new UnusableProxyError(variable);
  return url;
}

function reasonToBypass({ hostname, port, protocol }: URL, noProxy: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(host)) return `it is this machine itself (set ${EXPLICIT_PROXY_VARIABLE} to use a proxy anyway)`;
  const portNumber = port || (protocol === 'https:' ? '443' : '80');
  const names = noProxy.split(/[\s,]+/).filter(Boolean);
  return names.some((name) => matchesEntry(name.toLowerCase(), host, portNumber)) ? 'NO_PROXY names it' : undefined;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

/** Whether an entry of `no_proxy` matches a host. It matches its subdomains too, also with `.` or `*.` before it; with a port, only that port. */
function matchesEntry(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = '', entryPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return bare !== '' && (host === bare || host.endsWith(`.${bare}`));
}
