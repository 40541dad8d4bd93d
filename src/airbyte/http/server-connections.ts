import { type Dispatcher, Pool, ProxyAgent } from 'undici';

const CONNECT_TIMEOUT_MS = 10_000;

/** A number of connections to a server, direct or through a proxy. They report when a request goes out. */
export interface ServerConnections {
  dispatcher: Dispatcher;
  destroy(): Promise<void>;
}

/** @param proxyUrl with its credentials */
export function openConnections(origin: string, connections: number, proxyUrl: string | undefined): ServerConnections {
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  const options = {
    connections,
    // The transport's own timer covers the time from the request's first byte to the response's last.
    headersTimeout: 0,
    bodyTimeout: 0,
    // The body readers limit how much of a response they keep.
    maxResponseSize: -1,
  };
  if (proxyUrl === undefined) return withStartReporting(new Pool(origin, { ...options, connect }));
  const proxy = new URL(proxyUrl);
  const token = tokenOf(proxy);
  if (proxy.protocol === 'http:' && new URL(origin).protocol === 'http:') {
    const pool = new Pool(proxy.origin, { ...options, connect });
    return withStartReporting(pool, pool.compose(asProxyRequest(token)));
  }
  const tls = { requestTls: connect, proxyTls: connect };
  return withStartReporting(
    new ProxyAgent({ ...options, ...tls, uri: proxy.origin, ...(token !== undefined && { token }) }),
  );
}

function withStartReporting(owner: Dispatcher, dispatcher: Dispatcher = owner): ServerConnections {
  return { dispatcher: dispatcher.compose(reportStart), destroy: () => owner.destroy() };
}

function tokenOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
}

/**
 * Sends plain http to a proxy with the whole address as its path, as HTTP/1.1 defines it: not every proxy tunnels plain
 * http.
 */
function asProxyRequest(token: string | undefined): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const { origin = '', path, headers } = options;
    return dispatch(
      {
        ...options,
        path: `${String(origin)}${path}`,
        headers: {
          ...(headers as Record<string, string>),
          host: new URL(String(origin)).host,
          ...(token !== undefined && { 'proxy-authorization': token }),
        },
      },
      handler,
    );
  };
}

export interface StartListener {
  onStart(): void;
}

/** Calls the request's listener at the moment when the request goes out on a connection. */
export const reportStart: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart(controller, context) {
      (options as { opaque?: StartListener }).opaque?.onStart();
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart: (controller, status, headers, text) =>
      handler.onResponseStart?.(controller, status, headers, text),
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  });
