const HIGHEST_PORT = 65_535;

/**
 * Reads the number of a port.
 *
 * @param lowest 0 where the system may select a free one; default: 1
 * @throws TypeError when the text is none: `'http' is no port between 1 and 65535`
 */
export function readPort(text: string, lowest: 0 | 1 = 1): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= lowest && port <= HIGHEST_PORT) return port;
  throw new TypeError(`'${text}' is no port between ${lowest} and ${HIGHEST_PORT}`);
}
