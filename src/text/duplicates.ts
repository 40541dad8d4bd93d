/** Finds each item of a list that occurs earlier in it. @returns its index, and the index of the first that is the same */
export function findDuplicates(keys: readonly string[]): { index: number; first: number }[] {
  const firsts = new Map<string, number>();
  return keys.flatMap((key, index) => {
    const first = firsts.get(key);
    if (first !== undefined) return [{ index, first }];
    firsts.set(key, index);
    return [];
  });
}

/** How often each name occurs. */
export function countByName(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
