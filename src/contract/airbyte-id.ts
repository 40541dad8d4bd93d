/** The ids of Airbyte's objects, as callers send them. */
import { z } from 'zod';
import { MAXIMUM_ID_LENGTH } from './validation/input-limits';

/** No id of Airbyte has these: quotes, backslashes, blanks, control characters, and the separator between an id and its task queue. */
const NOT_IN_IDS = /[\p{C}\s'"`\\@]/u;

const ALLOWED = `at most ${MAXIMUM_ID_LENGTH} characters, without blanks, quotes, backslashes, control characters and @`;

/** Whether a text can be an id in Airbyte. Not every id is a UUID: `default-workspace-id` is one, too. */
export function isAirbyteId(text: string): boolean {
  return text.length > 0 && text.length <= MAXIMUM_ID_LENGTH && !NOT_IN_IDS.test(text);
}

/**
 * The schema of an Airbyte id that a caller sends. The id becomes part of workflow ids, of queries to Temporal and of URLs of
 * Airbyte, so the schema rejects every text that could change their meaning.
 *
 * @param owner such as `of a connection`
 */
export function airbyteIdSchema(owner: string): z.ZodString {
  return z
    .string()
    .min(1, { error: `expected the id ${owner}`, abort: true })
    .refine(isAirbyteId, { error: `expected the id ${owner}: ${ALLOWED}` });
}
