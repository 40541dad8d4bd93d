import { z } from 'zod';
import type { ConnectionSchedules } from '../jobs/connection-schedules';
import type { JobRunner } from '../jobs/job-runner';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import type { Authentication } from '../state/authentication';
import type { Definitions } from '../state/definitions';
import { InvalidInputError } from '../state/errors';
import type { Store } from '../state/store';
import type { ApiResponse } from './response';

/** What a call works on. */
export interface ApiContext {
  store: Store;
  definitions: Definitions;
  jobs: JobRunner;
  schedules: ConnectionSchedules;
  behaviour: AirbyteBehaviour;
  authentication: Authentication;
  /** The most rows that a page of a list has, whatever is asked for. */
  pageLimit: number;
  /** Aborted when the sandbox stops. */
  signal: AbortSignal;
}

/** One request, as the calls of both APIs see it. */
export interface ApiRequest {
  /** What stands in the path in place of the names that the route has there. */
  parameters: Record<string, string>;
  query: URLSearchParams;
  /** Undefined when there is none. */
  body: unknown;
  /** The address without the query. */
  url: string;
}

/** One call of either API, by path and method. @throws ApiError to refuse. */
export type RoutedCall = (request: ApiRequest, context: ApiContext) => Promise<ApiResponse>;

/** One call of the Config API. Answers nothing for a 204. @throws ApiError to refuse. */
export type ApiCall = (body: unknown, context: ApiContext) => Promise<object | undefined>;

/** Calls by their path below `/api/v1`, such as `connections/sync`. */
export type ApiCalls = Record<string, ApiCall>;

/** An id as Java reads a UUID: any 128 bits in the usual form, in capitals or not. */
export const uuid = z.guid().toLowerCase();

/** A time in ISO 8601, read as milliseconds since 1970. */
export const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** A call that takes a body of this schema. A field that is null counts as left out, as it does in Airbyte. */
export function defineCall<Schema extends z.ZodType>(
  schema: Schema,
  answer: (request: z.output<Schema>, context: ApiContext) => object | undefined | Promise<object | undefined>,
): ApiCall {
  return async (body, context) => {
    const parsed = schema.safeParse(withoutNulls(body ?? {}));
    if (!parsed.success) throw invalidInput(parsed.error);
    return answer(parsed.data, context);
  };
}

/** A copy of a body without the fields that are null. */
export function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** What a schema has to say against a body or a query. */
export function invalidInput({ issues }: z.ZodError): InvalidInputError {
  return new InvalidInputError(
    issues.map(({ path, message }) => ({ propertyPath: path.map(String).join('.'), message })),
  );
}
