/**
 * The errors with which the sandbox rejects a request. They say what is wrong, in Airbyte's words; `api/error-responses`
 * turns them into the response that each version of Airbyte sends.
 */

/** An error that is the caller's response, as opposed to a fault of the sandbox itself. */
export abstract class ApiError extends Error {}

/** No object has this id. */
export class NotFoundError extends ApiError {
  constructor(
    readonly configType: string,
    readonly id: string,
  ) {
    super(`Could not find configuration for ${configType}: ${id}.`);
  }
}

/** The request does not have the form that the OpenAPI document gives it. */
export class InvalidInputError extends ApiError {
  constructor(readonly validationErrors: { propertyPath: string; message: string; invalidValue?: string }[]) {
    super('Some properties contained invalid input.');
  }
}

/** The body is not JSON. */
export class InvalidJsonError extends ApiError {
  constructor(reason: string) {
    super(`Invalid json. ${reason}`);
  }
}

/** A configuration or a schedule does not fulfil its specification. */
export class BadObjectSchemaError extends ApiError {
  constructor(readonly reason: string) {
    super(`The provided configuration does not fulfill the specification. Errors: ${reason}`);
  }
}

/** A cron expression, or its time zone, is invalid. */
export class CronError extends ApiError {
  constructor(
    readonly kind: 'invalid-expression' | 'invalid-timezone',
    readonly data: Record<string, unknown>,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** The request contradicts the state of an object: for example, a sync is requested while one runs. */
export class ConflictError extends ApiError {}

/** The state of a connection cannot be set while one of its jobs may change it. */
export class SyncIsRunningError extends ApiError {
  constructor() {
    super('State cannot be updated while a sync is running for this connection.');
  }
}

/** No job has this id. */
export class JobNotFoundError extends ApiError {
  constructor(jobId: number) {
    super(`Could not find job with id: ${jobId}`);
  }
}

/** An exception that Airbyte's server does not catch. Airbyte responds so to some ordinary mistakes of callers as well. */
export class UncaughtError extends ApiError {
  constructor(
    reason: string,
    readonly exceptionClassName = 'java.lang.IllegalStateException',
  ) {
    super(`Internal Server Error: ${reason}`);
  }
}

/** No token is issued for these credentials. */
export class InvalidCredentialsError extends ApiError {
  constructor() {
    super('Invalid client credentials');
  }
}
