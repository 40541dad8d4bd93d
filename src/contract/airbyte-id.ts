import { z } from 'zod';
import { MAXIMUM_ID_LENGTH } from './validation/input-limits';

/** Quotes, backslashes, blanks, control characters, and what separates an id from its task queue: no id of Airbyte's has them. */
const NOT_IN_IDS = /[\p{C}\s'"`\\@]/u;

const ALLOWED = `at most ${MAXIMUM_ID_LENGTH} characters, none of them a blank, a quote, a backslash, a control character or @`;

/** Whether a text may be an id of Airbyte's. It need not be a UUID: `default-workspace-id` is one, too. */
export function isAirbyteId(text: string): boolean {
  return text.length > 0 && text.length <= MAXIMUM_ID_LENGTH && !NOT_IN_IDS.test(text);
}

/**
 * An id of Airbyte's from outside. It goes into ids and queries of Temporal, and into addresses of Airbyte: what cannot be one is
 * refused before.
 *
 * @param whose such as `of a connection`
 */
export function airbyteIdSchema(whose: string): z.ZodString {
  return z
    .string()
    .min(1, { error: `expected the id ${whose}`, abort: true })
    .refine(isAirbyteId, { error: `expected the id ${whose}: ${ALLOWED}` });
}
