/** Every text in what Temporal keeps: names, values, and what its payloads hold. */
export function* textsIn(kept: unknown): Generator<string> {
  if (typeof kept === 'string') yield kept;
  else if (ArrayBuffer.isView(kept)) yield Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString('utf8');
  else if (typeof kept === 'object' && kept !== null) {
    for (const [name, value] of Object.entries(kept)) {
      yield name;
      yield* textsIn(value);
    }
  }
}
