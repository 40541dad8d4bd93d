import {
  ApiError,
  BadObjectSchemaError,
  ConflictError,
  InvalidInputError,
  JobNotFoundError,
  NotFoundError,
  UncaughtError,
} from '../state/errors';
import type { ApiResponse } from './response';

/** The errors of the public API: the status and the general sentence of each title. */
const PROBLEMS = {
  'bad-request': [400, 'The request could not be understood by the server due to malformed syntax.'],
  'value-not-found': [400, 'The submitted value could not be found.'],
  forbidden: [403, 'The request is forbidden.'],
  'resource-not-found': [404, 'The requested resource could not be found.'],
  'state-conflict': [409, 'State conflict'],
  'try-again-later': [409, 'Please try again later.'],
  'unprocessable-entity': [422, 'The body of the request was not understood'],
  'unexpected-problem': [
    500,
    'An unexpected problem has occurred. If this is an error that needs to be addressed, please submit a pull request or github issue.',
  ],
} as const satisfies Record<string, readonly [number, string]>;

type ProblemTitle = keyof typeof PROBLEMS;

/** The section about each error in Airbyte's reference, if there is one. */
const ANCHORS: Partial<Record<ProblemTitle, string>> = {
  'bad-request': '#bad-request',
  forbidden: '#forbidden',
  'resource-not-found': '#resource-not-found',
  'state-conflict': '#409-state-conflict',
  'try-again-later': '#try-again-later',
  'unprocessable-entity': '#unprocessable-entity',
};

/** An error of the public API: a problem document (RFC 9457), which Airbyte sends as `application/json`. */
export class Problem extends ApiError {
  constructor(
    readonly title: ProblemTitle,
    readonly data?: { message: string } | { value: string } | { resourceType: string; resourceId: string },
  ) {
    super(PROBLEMS[title][1]);
  }

  toResponse(): ApiResponse {
    const [status, detail] = PROBLEMS[this.title];
    const type = `https://reference.airbyte.com/reference/errors${ANCHORS[this.title] ?? ''}`;
    const data = this.data === undefined ? {} : { data: this.data };
    return { status, body: { status, type, title: this.title, detail, ...data } };
  }
}

/** The public API's form of an error that the Config API reports in another form. */
export function toPublicError(error: unknown): unknown {
  if (error instanceof Problem || error instanceof InvalidInputError) return error;
  if (error instanceof NotFoundError) {
    return new Problem('resource-not-found', { resourceType: error.configType, resourceId: error.id });
  }
  if (error instanceof ConflictError) return new Problem('try-again-later', { message: error.message });
  if (error instanceof JobNotFoundError)
    return new Problem('state-conflict', { message: 'Job is not currently running' });
  if (error instanceof BadObjectSchemaError) {
    return new Problem('unprocessable-entity', { message: error.reason.split('\nSchema:')[0] ?? error.reason });
  }
  if (error instanceof UncaughtError && error.exceptionClassName.endsWith('IllegalStateException')) {
    // Airbyte gives no other reason here.
    return new Problem('state-conflict', { message: 'Could not fulfill request' });
  }
  return error;
}
