/** The responses to rejected requests, as each version of Airbyte sends them. */
import { randomUUID } from 'node:crypto';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import {
  type ApiError,
  BadObjectSchemaError,
  ConflictError,
  CronError,
  InvalidCredentialsError,
  InvalidInputError,
  InvalidJsonError,
  JobNotFoundError,
  NotFoundError,
  SyncIsRunningError,
  UncaughtError,
} from '../state/errors';
import { Problem } from './problems';
import type { ApiResponse } from './response';

const ERRORS = 'io.airbyte.commons.server.errors';

const CRON_PROBLEMS: Record<CronError['kind'], readonly [title: string, detail: string]> = {
  'invalid-expression': ['Invalid cron expression', 'The cron expression is invalid'],
  'invalid-timezone': ['Invalid cron timezone', 'The specified cron timezone is invalid'],
};

/** The response to a request that was rejected with this error. */
export function errorResponse(error: ApiError, behaviour: AirbyteBehaviour): ApiResponse {
  if (error instanceof Problem) return error.toResponse();
  if (error instanceof InvalidCredentialsError) {
    return { status: 401, body: { message: 'Unauthorized', detail: error.message } };
  }
  if (error instanceof BadObjectSchemaError) return badObjectSchema(error);
  if (error instanceof CronError) {
    // Before 0.63, a cron expression is rejected in the same way as any other schedule.
    if (!behaviour.has('cronProblems')) return badObjectSchema(new BadObjectSchemaError(error.reason));
    const [title, detail] = CRON_PROBLEMS[error.kind];
    const type = `error:cron-validation/${error.kind}`;
    return { status: 400, body: { status: 400, type, title, detail, data: error.data } };
  }
  return behaviour.has('bareErrors') ? bareResponse(error) : fullResponse(error);
}

/** A configuration or a schedule that does not fulfil its specification: 422 in every version. */
function badObjectSchema({ message }: BadObjectSchemaError): ApiResponse {
  const exceptionClassName = `${ERRORS}.BadObjectSchemaKnownException`;
  // The OpenAPI documents promise the list of validation errors in every 422.
  return { status: 422, body: { message, exceptionClassName, exceptionStack: [], validationErrors: [] } };
}

/** Since 2.0, most errors carry only an id, under which the operator finds them in the server's log. */
function bareResponse(error: ApiError): ApiResponse {
  const body = { errorId: randomUUID() };
  if (error instanceof NotFoundError) return { status: 404, body };
  if (error instanceof InvalidInputError) return { status: 400, body };
  if (error instanceof InvalidJsonError) return { status: 422, body };
  if (error instanceof ConflictError) return { status: 409, body: { message: error.message, ...body } };
  if (error instanceof SyncIsRunningError) return { status: 423, body: { message: error.message, ...body } };
  return { status: 500, body };
}

/** Before 2.0, an error carries its message and the name of the Java exception. */
function fullResponse(error: ApiError): ApiResponse {
  const { message } = error;
  const body = (exceptionClassName: string) => ({ message, exceptionClassName, exceptionStack: [] });
  if (error instanceof NotFoundError) {
    return { status: 404, body: { id: error.id, ...body(`${ERRORS}.IdNotFoundKnownException`) } };
  }
  if (error instanceof InvalidInputError) {
    // The OpenAPI documents say 422 in every version; since 2.0 the server sends 400.
    const { validationErrors } = error;
    return { status: 422, body: { ...body('jakarta.validation.ConstraintViolationException'), validationErrors } };
  }
  if (error instanceof InvalidJsonError) {
    return { status: 422, body: { ...body('com.fasterxml.jackson.core.JsonParseException'), validationErrors: [] } };
  }
  if (error instanceof ConflictError) return { status: 409, body: body(`${ERRORS}.ValueConflictKnownException`) };
  if (error instanceof SyncIsRunningError) return { status: 423, body: body(`${ERRORS}.SyncIsRunningException`) };
  if (error instanceof JobNotFoundError) {
    // The OpenAPI documents promise a 404 for an unknown job; the server sends 500.
    return fullResponse(new UncaughtError(message, 'java.lang.RuntimeException'));
  }
  const className = error instanceof UncaughtError ? error.exceptionClassName : 'java.lang.IllegalStateException';
  return { status: 500, body: body(className) };
}

/** What every version sends for an unknown path: a text, although its content type says JSON. */
export function missingPage(): ApiResponse {
  return { status: 404, body: 'Object not found.', headers: { 'content-type': 'application/json' } };
}

/** What the web framework itself sends, for example for a wrong method or a caller without a login. */
export function frameworkResponse(status: number, reason: string, path: string, detail = reason): ApiResponse {
  const links = { self: [{ href: path, templated: false }] };
  return { status, body: { message: reason, _links: links, _embedded: { errors: [{ message: detail }] } } };
}
