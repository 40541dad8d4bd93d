import { isIP } from 'node:net';

/** A forward proxy between us and Airbyte, and the variable that names it. */
export interface NamedProxy {
  /** With its credentials, if it has some. */
  url: string;
  variable: string;
}

/** What the environment says of a proxy for a server. */
export interface ProxyChoice {
  /** The one to use. */
  proxy?: NamedProxy;
  /** Says which is used, or that one is set and not used, and why; without credentials. */
  note?: string;
}

/** A proxy that cannot be used. The message names the variable and not its value, which may hold a password. */
export class UnusableProxyError extends Error {
  override readonly name = 'UnusableProxyError';

  constructor(readonly variable: string) {
    super(
      'does not name a proxy that can be used. Set it to an address like http://proxy.example.com:3128, or for none to nothing.',
    );
  }
}

/** Asks for a proxy whatever the server is. */
const EXPLICIT_PROXY_VARIABLE = 'AIRBYTE_PROXY';

/**
 * The proxy for a server, by the variables that curl knows: `https_proxy`, `http_proxy`, `no_proxy`, also in capitals. This
 * machine itself is reached without one, unless `AIRBYTE_PROXY` asks for it.
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
  // As curl does, a host and a port alone count as an address of http.
  const address = written.includes('://') ? written : `http://${written}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new UnusableProxyError(variable);
  return url;
}

function reasonToBypass({ hostname, port, protocol }: URL, noProxy: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(host)) return `that is this machine itself (${EXPLICIT_PROXY_VARIABLE} would be used)`;
  const portNumber = port || (protocol === 'https:' ? '443' : '80');
  const names = noProxy.split(/[\s,]+/).filter(Boolean);
  return names.some((name) => isNamed(name.toLowerCase(), host, portNumber)) ? 'NO_PROXY names it' : undefined;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

/** An entry stands for a host and all below it, with or without a dot or `*.` before it; with a port, for that alone. */
function isNamed(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = '', entryPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return bare !== '' && (host === bare || host.endsWith(`.${bare}`));
}
