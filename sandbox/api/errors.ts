import { randomUUID } from 'node:crypto';
import type { AirbyteBehaviour } from '../airbyte-versions';

/** One answer of the API, ready to send. A string body is sent as it is. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A refusal, in the words and the shape that Airbyte has for it. */
export abstract class ApiError extends Error {
  abstract toAnswer(behaviour: AirbyteBehaviour): Answer;
}

const ERRORS = 'io.airbyte.commons.server.errors';

function bare(status: number): Answer {
  return { status, body: { errorId: randomUUID() } };
}

/** 404: no object has this id. */
export class NotFoundError extends ApiError {
  constructor(
    readonly configType: string,
    readonly id: string,
  ) {
    super(`Could not find configuration for ${configType}: ${id}.`);
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return bare(404);
    const body = { id: this.id, message: this.message, exceptionClassName: `${ERRORS}.IdNotFoundKnownException` };
    return { status: 404, body: { ...body, exceptionStack: [] } };
  }
}

/**
 * 422 or, since 2.0, 400: the request itself is not as the document says. The documents say 422 in every version.
 */
export class InvalidInputError extends ApiError {
  constructor(readonly validationErrors: { propertyPath: string; message: string; invalidValue?: string }[]) {
    super('Some properties contained invalid input.');
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return bare(400);
    const exceptionClassName = 'jakarta.validation.ConstraintViolationException';
    const body = { message: this.message, exceptionClassName, exceptionStack: [] };
    return { status: 422, body: { ...body, validationErrors: this.validationErrors } };
  }
}

/** 422 in every version: a body that is no JSON. */
export class InvalidJsonError extends ApiError {
  constructor(reason: string) {
    super(`Invalid json. ${reason}`);
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return bare(422);
    const exceptionClassName = 'com.fasterxml.jackson.core.JsonParseException';
    const body = { message: this.message, exceptionClassName, exceptionStack: [], validationErrors: [] };
    return { status: 422, body };
  }
}

/** 422 in every version: a configuration or a schedule that does not fulfil its specification. */
export class BadObjectSchemaError extends ApiError {
  constructor(readonly reason: string) {
    super(`The provided configuration does not fulfill the specification. Errors: ${reason}`);
  }

  toAnswer(): Answer {
    const body = { message: this.message, exceptionClassName: `${ERRORS}.BadObjectSchemaKnownException` };
    // The documents promise the list in every 422.
    return { status: 422, body: { ...body, exceptionStack: [], validationErrors: [] } };
  }
}

const CRON_PROBLEMS = {
  'invalid-expression': ['Invalid cron expression', 'The cron expression is invalid'],
  'invalid-timezone': ['Invalid cron timezone', 'The specified cron timezone is invalid'],
} as const;

/** A cron expression or its time zone is refused: a problem document of 400 and, before 0.63, the 422 of any schedule. */
export class CronError extends ApiError {
  constructor(
    readonly kind: keyof typeof CRON_PROBLEMS,
    readonly data: Record<string, unknown>,
    private readonly reason: string,
  ) {
    super(reason);
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (!behaviour.has('cronProblems')) return new BadObjectSchemaError(this.reason).toAnswer();
    const [title, detail] = CRON_PROBLEMS[this.kind];
    const body = { status: 400, type: `error:cron-validation/${this.kind}`, title, detail, data: this.data };
    return { status: 400, body };
  }
}

/** 409, such as a sync of a connection that already runs. */
export class ConflictError extends ApiError {
  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return { status: 409, body: { message: this.message, errorId: randomUUID() } };
    const exceptionClassName = `${ERRORS}.ValueConflictKnownException`;
    return { status: 409, body: { message: this.message, exceptionClassName, exceptionStack: [] } };
  }
}

/** 423: the state of a connection cannot be set while a job of it may change it. */
export class SyncIsRunningError extends ApiError {
  constructor() {
    super('State cannot be updated while a sync is running for this connection.');
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return { status: 423, body: { message: this.message, errorId: randomUUID() } };
    const exceptionClassName = `${ERRORS}.SyncIsRunningException`;
    return { status: 423, body: { message: this.message, exceptionClassName, exceptionStack: [] } };
  }
}

/** 500: no job has this id. The server foresees that of every other object, though the documents promise a 404 here. */
export class JobNotFoundError extends ApiError {
  constructor(jobId: number) {
    super(`Could not find job with id: ${jobId}`);
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    return new UncaughtError(this.message, 'java.lang.RuntimeException').toAnswer(behaviour);
  }
}

/** 500: what the server did not foresee. Airbyte answers so to quite ordinary mistakes, too. */
export class UncaughtError extends ApiError {
  constructor(
    reason: string,
    readonly exceptionClassName = 'java.lang.IllegalStateException',
  ) {
    super(`Internal Server Error: ${reason}`);
  }

  toAnswer(behaviour: AirbyteBehaviour): Answer {
    if (behaviour.has('bareErrors')) return bare(500);
    const body = { message: this.message, exceptionClassName: this.exceptionClassName, exceptionStack: [] };
    return { status: 500, body };
  }
}

/** 401: no token for these credentials. */
export class InvalidCredentialsError extends ApiError {
  constructor() {
    super('Invalid client credentials');
  }

  toAnswer(): Answer {
    return { status: 401, body: { message: 'Unauthorized', detail: this.message } };
  }
}

/** What every version answers where it has no call: a text, whatever its type says. */
export function missingPage(): Answer {
  return { status: 404, body: 'Object not found.', headers: { 'content-type': 'application/json' } };
}

/** What the web framework itself answers: wrong method, not logged in. */
export function frameworkAnswer(status: number, reason: string, path: string, detail = reason): Answer {
  const links = { self: [{ href: path, templated: false }] };
  return { status, body: { message: reason, _links: links, _embedded: { errors: [{ message: detail }] } } };
}
