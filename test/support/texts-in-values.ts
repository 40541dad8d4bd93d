/** Every text in what Temporal keeps: names, values, and what its payloads hold. */
export function* textsIn(stored: unknown): Generator<string> {
  if (typeof stored === 'string') yield stored;
  else if (ArrayBuffer.isView(stored))
    yield Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString('utf8');
  else if (typeof stored === 'object' && stored !== null) {
    for (const [name, value] of Object.entries(stored)) {
      yield name;
      yield* textsIn(value);
    }
  }
}
