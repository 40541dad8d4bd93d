import type { z } from 'zod';
import type { CallKind, CallSite } from '../calls';
import { AirbyteError, type AirbyteErrorType } from '../errors';
import { conflictKindOf, type ErrorMeaning, meaningOfConflict } from './conflicts';
import { reasonOf, reasonsIn } from './error-reason';
import { type HttpResponse, isHtml, objectBody, textBody } from './http-response';

export const USUAL_PATHS_ADVICE =
  'The usual paths are http://host:8000/api/v1, http://host:8001/api/v1 and http://host:8000/api/public/v1; check AIRBYTE_URL.';
export const UNSUPPORTED_ENDPOINT_ADVICE =
  'This server does not support the call: its version of Airbyte does not have it, or AIRBYTE_URL has the wrong path.';
/** The `type` of the public API's problem documents: a page of Airbyte's reference, or a name. */
const AIRBYTE_PROBLEM = /^(error:|https:\/\/reference\.airbyte\.com\/)/;

/** The error of a response that is not 2xx, to a call of this kind. */
export function errorOfResponse(site: CallSite, kind: CallKind, response: HttpResponse): AirbyteError {
  const { status } = response;
  const conflict = conflictKindOf(status, objectBody(response));
  const reason = reasonOf(response);
  const meaning = conflict ? meaningOfConflict(conflict, kind) : meaningOfStatus(response);
  const isAirbytesOwn = isErrorFromAirbyte(response) || isAirbyteNotFoundPage(response);
  return new AirbyteError({
    ...meaning,
    conflict,
    call: site.call,
    status,
    reason,
    message: `${site.call} at ${site.baseUrl} returned ${status}: ${reason} ${meaning.advice}`,
    retryAfterMs: retryAfterMs(response.headers['retry-after'], Date.now()),
    callMayBeMissing: [404, 405, 501].includes(status) && !isAirbytesOwn,
    isAirbytesOwn,
  });
}

/** What an error response means that is not one of the conflicts. */
function meaningOfStatus(response: HttpResponse): ErrorMeaning {
  const { status } = response;
  const type = typeOfStatus(response);
  const unavailable = type === 'AirbyteUnavailable';
  return {
    type,
    retryable: unavailable && !isRedirect(response),
    effect: unavailable && (status >= 500 || status === 408) ? 'unknown' : 'none',
    advice: adviceFor(type, response),
  };
}

/** A conflict's type depends on its body and not only on its status, see {@link meaningOfConflict}. */
type TypeOfStatus = Exclude<AirbyteErrorType, 'AirbyteConflict'>;

function typeOfStatus(response: HttpResponse): TypeOfStatus {
  switch (response.status) {
    case 400:
    case 422:
      return 'AirbyteInvalidRequest';
    case 401:
    case 403:
      return 'AirbyteUnauthorized';
    case 404:
      return isMissingEndpoint(response) ? 'AirbyteUnsupported' : 'AirbyteNotFound';
    case 405:
    case 501:
      return 'AirbyteUnsupported';
    case 408:
    case 429:
      return 'AirbyteUnavailable';
    default:
      return response.status >= 400 && response.status < 500 ? 'AirbyteInvalidRequest' : 'AirbyteUnavailable';
  }
}

function adviceFor(type: TypeOfStatus, response: HttpResponse): string {
  switch (type) {
    case 'AirbyteUnauthorized':
      return response.status === 401
        ? 'Check the credentials: AIRBYTE_USERNAME and AIRBYTE_PASSWORD, AIRBYTE_TOKEN, or AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET. ' +
            'If other calls succeed with them, this Airbyte does not support the call: with authentication enabled, it returns 401 for an unsupported call, too.'
        : 'The credentials are valid but not permitted to do this: ask for the permission in Airbyte. ' +
            'With authentication enabled, Airbyte also returns 403 if there is no such id (any more), or if its version does not support the call.';
    case 'AirbyteNotFound':
      return 'Check the id: the object does not exist or was deleted.';
    case 'AirbyteUnsupported':
      return UNSUPPORTED_ENDPOINT_ADVICE;
    case 'AirbyteInvalidRequest':
      return 'Correct the request before you send it again: the same request will fail again.';
    case 'AirbyteUnavailable':
      return isRedirect(response)
        ? 'Set AIRBYTE_URL to an address that serves the API without a redirect.'
        : 'Try again; if the error persists, check the log of the Airbyte server.';
  }
}

function isRedirect({ status }: HttpResponse): boolean {
  return status >= 300 && status < 400;
}

/**
 * Whether a 404 is about the call and not about an object. About a missing object, Airbyte names the object or gives at
 * least an `errorId`. For a path that it does not have, its web framework sends a page; a gateway in front of it sends
 * a page, nothing, or a text of its own.
 */
function isMissingEndpoint(response: HttpResponse): boolean {
  const body = objectBody(response);
  if (body === undefined) return true;
  if (isErrorFromAirbyte(response)) return false;
  return !OBJECT_WORDS.test(reasonsIn(body).join(' ').replace(PATH, ''));
}

/** The words by which a 404 names an object: the kind of object, or its id. */
const OBJECT_WORDS =
  /\b(object|workspace|definition|source|destination|actor|connection|operation|job|attempt|tag|organization)s?\b|[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** A path, whose words are about the call: `No route for POST /api/v1/sources/list`. */
const PATH = /\S*\/\S*/g;

/**
 * Whether an error response is surely Airbyte's own. A 404 of Airbyte's own is always about an object, never about the
 * call.
 */
function isErrorFromAirbyte(response: HttpResponse): boolean {
  const body = objectBody(response) ?? {};
  const { type } = body;
  return (
    ['errorId', 'exceptionClassName', 'rootCauseExceptionClassName'].some((field) => field in body) ||
    (typeof type === 'string' && AIRBYTE_PROBLEM.test(type))
  );
}

/** Whether Airbyte's web framework says that it has no such path or method: no gateway sends a body of this form. */
function isAirbyteNotFoundPage(response: HttpResponse): boolean {
  const body = objectBody(response) ?? {};
  return '_links' in body && '_embedded' in body;
}

/** The error of a 2xx response that is not JSON: mostly a web page, because the base path is wrong. */
export function errorOfNonJsonResponse(site: CallSite, response: HttpResponse): AirbyteError {
  const what = describeNonJson(response);
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    status: response.status,
    reason: `${what}.`,
    message: `${site.call} at ${site.baseUrl} returned ${response.status} with ${what}: this is not an Airbyte API. ${USUAL_PATHS_ADVICE}`,
    retryable: false,
    effect: 'unknown',
    // Some servers have a page for any path that they do not know.
    callMayBeMissing: isHtml(response),
  });
}

function describeNonJson(response: HttpResponse): string {
  if (isHtml(response)) return 'a web page';
  return textBody(response).trim() === '' ? 'nothing' : 'something that is not JSON';
}

/** Whether an error is that of a 2xx response that is empty or not JSON. */
export function isNonJsonResponse({ type, status = 0, reason }: AirbyteError): boolean {
  return type === 'AirbyteUnavailable' && status >= 200 && status < 300 && reason !== undefined;
}

/** The error of a JSON response without a field that the call needs. */
export function errorOfUnexpectedShape(site: CallSite, problem: z.ZodError): AirbyteError {
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    status: 200,
    message: `${site.call} at ${site.baseUrl} gave a response that no known version of Airbyte gives: ${describeIssues(problem.issues)}. ${USUAL_PATHS_ADVICE}`,
    retryable: false,
    effect: 'unknown',
  });
}

/** The first problem of a response. Where it may have several forms, that of the form with the fewest problems. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], path: readonly PropertyKey[] = []): string {
  const issue = issues[0];
  if (issue === undefined) {
    return 'not as expected';
  }
  const here = [...path, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const fewest = issue.errors.reduce((best, form) => (form.length < best.length ? form : best));
    return describeIssues(fewest, here);
  }
  return `${here.length === 0 ? 'the response' : here.join('.')}: ${issue.message}`;
}

/** How long `Retry-After` asks to wait, in seconds or until an HTTP date; undefined for any other text. */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined || value === '') {
    return undefined;
  }
  if (/^\d+$/.test(value)) {
    return Number(value) * 1_000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
