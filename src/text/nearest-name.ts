/** The known name that is most similar to a misspelled one; undefined if none is similar. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const plain = normalizeName(name);
  let nearest: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const other = normalizeName(candidate);
    const distance = editDistance(plain, other);
    // At most a third of the letters may differ: `streems` suggests `streams`, `id` does not suggest `on`.
    if (distance > Math.max(plain.length, other.length) / 3) continue;
    if (nearest === undefined || distance < nearest.distance) nearest = { name: candidate, distance };
  }
  return nearest?.name;
}

/** `sync_mode`, `SyncMode` and `syncMode` are spellings of one name. */
function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** How many letters must be added, removed, replaced or swapped with the next to turn one text into the other. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, swapped, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
