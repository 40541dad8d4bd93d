import { z } from 'zod';
import { UncaughtError } from '../../state/errors';
import { type ApiContext, invalidInput, type RoutedCall, uuid, withoutNulls } from '../call';
import { isHidden } from '../hidden';
import { Problem, toPublicError } from '../problems';

const DENIED = { message: 'Caller does not have the required permissions to access the resource(s).' };

/** One call of the public API, by path and method. @throws ApiError to reject the request */
export type PublicCall = RoutedCall;

interface Schemas<Query extends z.ZodType, Body extends z.ZodType> {
  query?: Query;
  body?: Body;
}

interface ParsedRequest<Query extends z.ZodType, Body extends z.ZodType> {
  /** The UUID of this name in the path. Ids of jobs are numbers, and those of applications any text. */
  id(name: string): string;
  text(name: string): string;
  numericId(name: string): number;
  query: z.output<Query>;
  body: z.output<Body>;
  url: string;
}

/** Defines a call whose query and body have these schemas. Undefined stands for a 204. */
export function definePublicCall<
  Query extends z.ZodType = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUnknown,
>(
  schemas: Schemas<Query, Body>,
  handle: (
    request: ParsedRequest<Query, Body>,
    context: ApiContext,
  ) => object | string | undefined | Promise<object | string | undefined>,
): PublicCall {
  return async ({ parameters, query, body, url }, context) => {
    try {
      const parsed = {
        id: (name: string) => toUuid(parameters[name] ?? ''),
        text: (name: string) => parameters[name] ?? '',
        numericId: (name: string) => parse(z.coerce.number().int(), parameters[name]),
        query: withinLimit<Query>(
          parse(schemas.query ?? z.object({}), Object.fromEntries(groupedQuery(query))),
          context,
        ),
        body: parse(schemas.body ?? z.unknown(), withoutNulls(body ?? {})) as z.output<Body>,
        url,
      };
      const result = await handle(parsed, context);
      return result === undefined ? { status: 204 } : { status: 200, body: result };
    } catch (error) {
      throw isHidden(error, context) ? new Problem('forbidden', DENIED) : toPublicError(error);
    }
  };
}

/** The query with its page size limited to the server's largest one. */
function withinLimit<Query extends z.ZodType>(query: unknown, { pageLimit }: ApiContext): z.output<Query> {
  const { limit } = query as { limit?: number };
  return (limit === undefined ? query : { ...(query as object), limit: Math.min(limit, pageLimit) }) as z.output<Query>;
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}

/** Maps a name that occurs once to a text, and a repeated name to a list. */
function groupedQuery(query: URLSearchParams): [string, string | string[]][] {
  return [...new Set(query.keys())].map((name) => {
    const values = query.getAll(name);
    return [name, values.length === 1 ? (values[0] ?? '') : values];
  });
}

function toUuid(text: string): string {
  const { data } = uuid.safeParse(text);
  if (data !== undefined) return data;
  throw new UncaughtError(`Invalid UUID string: ${text}`, 'java.lang.IllegalArgumentException');
}

/** Ids in a query: repeated, or separated by commas. */
export const uuids = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((ids) => ids.split(',')))
  .pipe(z.array(uuid));

/** A boolean in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
