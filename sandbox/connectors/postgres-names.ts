/** Identifiers that PostgreSQL keeps whole: it silently cuts off everything beyond 63 bytes. */
import { createHash } from 'node:crypto';

const MAXIMUM_BYTES = 63;

/** The longest prefix of a name that takes at most this many bytes, in whole characters. */
export function cutName(name: string, bytes = MAXIMUM_BYTES): string {
  let length = 0;
  let cut = '';
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    cut += character;
  }
  return cut;
}

/**
 * An identifier for each name: the name itself, or its prefix of the allowed length. If two would have the same one,
 * each name that is cut ends with a fingerprint of the whole name.
 */
export function identifiersOf(names: Iterable<string>): Map<string, string> {
  const all = [...new Set(names)];
  const sharing = new Map<string, number>();
  for (const name of all) sharing.set(cutName(name), (sharing.get(cutName(name)) ?? 0) + 1);
  return new Map(
    all.map((name) => {
      const cut = cutName(name);
      if (cut === name || sharing.get(cut) === 1) return [name, cut];
      const fingerprint = createHash('sha256').update(name).digest('hex').slice(0, 8);
      return [name, `${cutName(name, MAXIMUM_BYTES - 9)}_${fingerprint}`];
    }),
  );
}
