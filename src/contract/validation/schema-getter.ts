/**
 * Gives a schema to whoever calls for it. A worker's workflows share the modules that are loaded before them, two megabytes
 * less for each; for that, Temporal freezes what these modules export. A schema of Zod's completes itself when it is first
 * used, which it could not if it were frozen; what a function holds is not.
 */
export function schemaGetter<Schema>(schema: Schema): () => Schema {
  return () => schema;
}
