import { z } from 'zod';
import { isObject } from '../../text/json-object';
import { findLimitViolation } from './input-limits';
import { schemaGetter } from './schema-getter';

/** A connector's own settings: a null in them is the connector's value. */
const CONFIGURATION = 'configuration';

/**
 * The schema of something that callers of any language send, or that people write: a workflow's input, a document. A
 * field that is null there counts as left out, at any depth: so Go's pointers, Java's beans and an empty `key:` in YAML
 * say it. Only a connector's `configuration` keeps its nulls.
 *
 * What is beyond the bounds of an input is refused before anything of it is looked at.
 */
export function inputSchema<Schema extends z.ZodType>(schema: Schema): () => z.ZodPreprocess<Schema, z.input<Schema>> {
  const open = (input: z.input<Schema>, context: z.RefinementCtx) => {
    const excess = findLimitViolation(input);
    if (excess === undefined) return withoutNulls(input);
    context.addIssue({ code: 'custom', path: [...excess.path], message: excess.message });
    return z.NEVER;
  };
  return schemaGetter(z.preprocess(open, schema));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(given.map(([key, item]) => [key, key === CONFIGURATION ? item : withoutNulls(item)]));
}
