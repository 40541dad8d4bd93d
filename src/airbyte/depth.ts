/** Whether a JSON value has more levels than this. It does not recurse, so that any value may be given to it. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= levels; depth++) {
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      for (const item of Object.values(each)) if (typeof item === 'object' && item !== null) next.push(item);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
