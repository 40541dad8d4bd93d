import { z } from 'zod';
import type { ConnectionSchedules } from '../jobs/connection-schedules';
import type { JobNotifications } from '../jobs/job-notifications';
import type { JobRunner } from '../jobs/job-runner';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import type { Authentication } from '../state/authentication';
import type { Definitions } from '../state/definitions';
import { InvalidInputError } from '../state/errors';
import type { Store } from '../state/store';
import type { ApiResponse } from './response';

/** What the calls work on. */
export interface ApiContext {
  store: Store;
  definitions: Definitions;
  jobs: JobRunner;
  notifications: JobNotifications;
  schedules: ConnectionSchedules;
  behaviour: AirbyteBehaviour;
  authentication: Authentication;
  /** The largest number of rows on one page of a list, even if a request asks for more. */
  pageLimit: number;
  /** Aborted when the sandbox stops. */
  signal: AbortSignal;
}

/** One request, in the form that the calls of both APIs get. */
export interface ApiRequest {
  /** The values of the path's parameters, by name. */
  parameters: Record<string, string>;
  query: URLSearchParams;
  /** Undefined if the request has no body. */
  body: unknown;
  /** The URL without its query. */
  url: string;
}

/** One call of either API, by path and method. @throws ApiError to reject the request */
export type RoutedCall = (request: ApiRequest, context: ApiContext) => Promise<ApiResponse>;

/** One call of the Config API. Undefined stands for a 204. @throws ApiError to reject the request */
export type ApiCall = (body: unknown, context: ApiContext) => Promise<object | undefined>;

/** Calls by their path below `/api/v1`, for example `connections/sync`. */
export type ApiCalls = Record<string, ApiCall>;

/** An id in the form that Java accepts for a UUID: any 128 bits, in upper or lower case. */
export const uuid = z.guid().toLowerCase();

/** An ISO 8601 time, converted to milliseconds since 1970. */
export const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Defines a call whose body has this schema. As in Airbyte, a field that is null counts as absent. */
export function defineCall<Schema extends z.ZodType>(
  schema: Schema,
  handle: (request: z.output<Schema>, context: ApiContext) => object | undefined | Promise<object | undefined>,
): ApiCall {
  return async (body, context) => {
    const parsed = schema.safeParse(withoutNulls(body ?? {}));
    if (!parsed.success) throw invalidInput(parsed.error);
    return handle(parsed.data, context);
  };
}

/** A copy of a body without the fields that are null. */
export function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** SessionQueue what a schema found in a body or a query into an error. */
export function invalidInput({ issues }: z.ZodError): InvalidInputError {
  return new InvalidInputError(
    issues.map(({ path, message }) => ({ propertyPath: path.map(String).join('.'), message })),
  );
}
