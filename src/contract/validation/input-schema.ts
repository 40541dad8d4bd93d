/** The schema of every input, whether a caller sends it or a document holds it. */
import { z } from 'zod';
import { isObject } from '../../text/json-object';
import { findLimitViolation } from './input-limits';
import { schemaGetter } from './schema-getter';

/** The key of a connector's settings, in which null is a value of its own. */
const CONFIGURATION = 'configuration';

/**
 * Makes the schema of an input: a workflow's argument or a document. A field that is null counts as left out, at any depth,
 * because Go's pointers, Java's beans and an empty `key:` in YAML give null. Only a connector's `configuration` keeps its
 * nulls.
 *
 * An input that exceeds a limit is rejected before the schema reads it.
 */
export function inputSchema<Schema extends z.ZodType>(schema: Schema): () => z.ZodPreprocess<Schema, z.input<Schema>> {
  const prepare = (input: z.input<Schema>, context: z.RefinementCtx) => {
    const violation = findLimitViolation(input);
    if (violation === undefined) return withoutNulls(input);
    context.addIssue({ code: 'custom', path: [...violation.path], message: violation.message });
    return z.NEVER;
  };
  return schemaGetter(z.preprocess(prepare, schema));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const present = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(present.map(([key, item]) => [key, key === CONFIGURATION ? item : withoutNulls(item)]));
}
