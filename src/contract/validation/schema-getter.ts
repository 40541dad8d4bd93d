/**
 * Wraps a schema in a function, so that a module can export it to workflow code. Temporal shares preloaded modules between
 * all workflows of a worker, which saves two megabytes each, and freezes their exports for that. A Zod schema changes itself
 * at its first use, so it must not be frozen; what a function returns is not.
 */
export function schemaGetter<Schema>(schema: Schema): () => Schema {
  return () => schema;
}
