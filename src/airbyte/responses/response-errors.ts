import type { z } from 'zod';
import { shorten } from '../../text/shorten';
import type { CallKind, CallSite } from '../calls';
import { AirbyteError, type AirbyteErrorType } from '../errors';
import { conflictKindOf, type ErrorMeaning, meaningOfConflict } from './conflicts';

/** An HTTP answer as received: headers in lower case, the body as text. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export const USUAL_PATHS_ADVICE =
  'The usual paths are http://host:8000/api/v1, http://host:8001/api/v1 and http://host:8000/api/public/v1; check AIRBYTE_URL.';
export const UNSUPPORTED_ENDPOINT_ADVICE =
  'This server does not have the call: its Airbyte version lacks it, or AIRBYTE_URL has the wrong path.';
const MAXIMUM_REASON_LENGTH = 1_000;
/** The `type` of the public API's problem documents: a page of Airbyte's reference, or a name. */
const AIRBYTE_PROBLEM = /^(error:|https:\/\/reference\.airbyte\.com\/)/;

/** The error of an answer that is not 2xx, to a call of this kind. */
export function errorOfResponse(site: CallSite, kind: CallKind, answer: Answer): AirbyteError {
  const { status } = answer;
  const conflict = conflictKindOf(status, parseObject(answer.body));
  const reason = reasonOf(answer);
  const meaning = conflict ? meaningOfConflict(conflict, kind) : meaningOfStatus(answer);
  return new AirbyteError({
    ...meaning,
    conflict,
    call: site.call,
    status,
    reason,
    message: `${site.call} at ${site.baseUrl} answered ${status}: ${reason} ${meaning.advice}`,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
    callMayBeMissing: [404, 405, 501].includes(status) && !isErrorFromAirbyte(answer) && !isAirbyteNotFoundPage(answer),
    isAirbytesOwn: isErrorFromAirbyte(answer) || isAirbyteNotFoundPage(answer),
  });
}

/** What an error response means that is none of the conflicts. */
function meaningOfStatus(answer: Answer): ErrorMeaning {
  const { status } = answer;
  const type = typeOfStatus(answer);
  const unavailable = type === 'AirbyteUnavailable';
  const redirect = status >= 300 && status < 400;
  return {
    type,
    retryable: unavailable && !redirect,
    effect: unavailable && (status >= 500 || status === 408) ? 'unknown' : 'none',
    advice: advice(type, answer),
  };
}

/** The error of a 2xx answer that is not JSON: mostly a web page, because the base path is wrong. */
export function errorOfNonJsonResponse(site: CallSite, answer: Answer): AirbyteError {
  const what = isHtml(answer) ? 'a web page' : answer.body.trim() === '' ? 'nothing' : 'something that is not JSON';
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    status: answer.status,
    reason: `${what}.`,
    message: `${site.call} at ${site.baseUrl} answered ${answer.status} with ${what}: this is not an Airbyte API. ${USUAL_PATHS_ADVICE}`,
    retryable: false,
    effect: 'unknown',
    // Some servers have a page for any path that they do not know.
    callMayBeMissing: isHtml(answer),
  });
}

/** Whether a 2xx is not JSON, or has nothing in it. */
export function isNonJsonResponse({ type, status = 0, reason }: AirbyteError): boolean {
  return type === 'AirbyteUnavailable' && status >= 200 && status < 300 && reason !== undefined;
}

/** The error of a JSON answer without a field that the call cannot do without. */
export function errorOfUnexpectedShape(site: CallSite, problem: z.ZodError): AirbyteError {
  return new AirbyteError({
    type: 'AirbyteUnavailable',
    call: site.call,
    status: 200,
    message: `${site.call} at ${site.baseUrl} gave an answer that no known version of Airbyte gives: ${describeIssues(problem.issues)}. ${USUAL_PATHS_ADVICE}`,
    retryable: false,
    effect: 'unknown',
  });
}

/** The first problem of the form that fits best: of several forms, the one with the fewest problems. */
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
  return `${here.length === 0 ? 'the answer' : here.join('.')}: ${issue.message}`;
}

/** A conflict says more in its body than in its status, see {@link meaningOfConflict}. */
type TypeOfStatus = Exclude<AirbyteErrorType, 'AirbyteConflict'>;

function typeOfStatus(answer: Answer): TypeOfStatus {
  switch (answer.status) {
    case 400:
    case 422:
      return 'AirbyteInvalidRequest';
    case 401:
    case 403:
      return 'AirbyteUnauthorized';
    case 404:
      return isMissingEndpoint(answer) ? 'AirbyteUnsupported' : 'AirbyteNotFound';
    case 405:
    case 501:
      return 'AirbyteUnsupported';
    case 408:
    case 429:
      return 'AirbyteUnavailable';
    default:
      return answer.status >= 400 && answer.status < 500 ? 'AirbyteInvalidRequest' : 'AirbyteUnavailable';
  }
}

/**
 * Airbyte says of a missing object which one it is, or gives at least an `errorId`; its web framework answers a path that it
 * does not know with a page, and gateways in front of it do so with a page, with nothing, or in words of their own.
 */
function isMissingEndpoint(answer: Answer): boolean {
  const body = parseObject(answer.body);
  if (body === undefined) return true;
  if (isErrorFromAirbyte(answer)) return false;
  return !OBJECT_WORDS.test(reasonsIn(body).join(' ').replace(PATH, ''));
}

/** What a 404 that is about an object names: the kind of object, or its id. */
const OBJECT_WORDS =
  /\b(object|workspace|definition|source|destination|actor|connection|operation|job|attempt|tag|organization)s?\b|[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** What of such words is about the call: `No route for POST /api/v1/sources/list`. */
const PATH = /\S*\/\S*/g;

/** Whether an error is surely Airbyte's own; a 404 then is always about an object and never about the call. */
function isErrorFromAirbyte(answer: Answer): boolean {
  const body = parseObject(answer.body) ?? {};
  return (
    ['errorId', 'exceptionClassName', 'rootCauseExceptionClassName'].some((field) => field in body) ||
    AIRBYTE_PROBLEM.test(text(body['type']) ?? '')
  );
}

/** Whether Airbyte itself says that it has no such path or method: its web framework's answer, which no gateway gives. */
function isAirbyteNotFoundPage(answer: Answer): boolean {
  const body = parseObject(answer.body) ?? {};
  return '_links' in body && '_embedded' in body;
}

function reasonOf(answer: Answer): string {
  if (answer.status >= 300 && answer.status < 400) {
    return `it sends us on to ${withoutQuery(answer.headers['location'])}.`;
  }
  if (isHtml(answer)) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(answer.body)?.[1]?.trim();
    return title ? `a web page titled "${oneLine(title)}".` : 'a web page, not an API answer.';
  }
  const body = parseObject(answer.body);
  if (body === undefined) {
    return sentence(oneLine(answer.body) || 'no reason given');
  }
  const reasons = reasonsIn(body);
  if (reasons.length > 0) {
    return sentence(oneLine([...new Set(reasons)].join(': ')));
  }
  const type = text(body['type']);
  if (type?.startsWith('error:')) return sentence(type);
  const errorId = text(body['errorId']);
  return errorId === undefined
    ? 'no reason given.'
    : `Airbyte gave no reason, only the error id ${errorId}; its server log has the reason under that id.`;
}

function reasonsIn(body: Record<string, unknown>): string[] {
  return [
    text(body['message']) ?? text(body['title']),
    text(body['error_description']) ?? text(body['error']),
    ...problemDetails(body['detail'], body['data']),
    ...validationErrors(body['validationErrors']),
    ...embeddedErrors(objectOf(body['_embedded'])?.['errors']),
  ].filter((part) => part !== undefined);
}

/**
 * The particulars of a problem document (RFC 9457), as Airbyte's public API answers them: what is in `data` is about this
 * very request, while `detail` is mostly the same text for every problem of the type.
 */
function problemDetails(detail: unknown, data: unknown): string[] {
  const { message, resourceType, resourceId, type, value, statusReason, reason, issues } = objectOf(data) ?? {};
  const resource = joined([resourceType, resourceId]);
  // What was not found, by its kind and by what was sent for it. That alone does not say what is wrong with it.
  const submitted = joined([type, value]);
  const particulars = [message, resource, statusReason, reason].map(text).filter((part) => part !== undefined);
  const named = arrayOf(issues).flatMap(
    (issue) => joined([objectOf(issue)?.['path'], objectOf(issue)?.['code']]) ?? [],
  );
  const all = [...(particulars.length > 0 ? particulars : [text(detail)]), submitted, ...named];
  return all.filter((part) => part !== undefined);
}

function joined(parts: readonly unknown[]): string | undefined {
  return text(parts.map(text).filter(Boolean).join(' '));
}

/** Paths and messages only: the invalid value itself may be a secret. */
function validationErrors(errors: unknown): string[] {
  return arrayOf(errors).flatMap((error) => {
    const parts = [text(objectOf(error)?.['propertyPath']), text(objectOf(error)?.['message'])];
    const said = parts.filter((part) => part !== undefined).join(' ');
    return said === '' ? [] : [said];
  });
}

function embeddedErrors(errors: unknown): string[] {
  return arrayOf(errors).flatMap((error) => text(objectOf(error)?.['message']) ?? []);
}

function advice(type: TypeOfStatus, answer: Answer): string {
  switch (type) {
    case 'AirbyteUnauthorized':
      return answer.status === 401
        ? 'Check the credentials: AIRBYTE_USERNAME and AIRBYTE_PASSWORD, AIRBYTE_TOKEN, or AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET. ' +
            'If other calls work with them, this Airbyte does not have the call: with authentication on, it answers 401 to that, too.'
        : 'The credentials are known but not permitted to do this: ask for the permission in Airbyte. ' +
            'With authentication on, Airbyte also answers 403 if there is no such id (any more), or if its version does not have the call.';
    case 'AirbyteNotFound':
      return 'Check the id: the object does not exist or was deleted.';
    case 'AirbyteUnsupported':
      return UNSUPPORTED_ENDPOINT_ADVICE;
    case 'AirbyteInvalidRequest':
      return 'Correct what was sent; the same request fails again.';
    case 'AirbyteUnavailable':
      return answer.status >= 300 && answer.status < 400
        ? 'Set AIRBYTE_URL to the address that answers itself.'
        : 'Try again; when it stays, look into the log of the Airbyte server.';
  }
}

/** `Retry-After` in seconds or as an HTTP date. Anything else is no wish at all. */
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

function isHtml(answer: Answer): boolean {
  const contentType = answer.headers['content-type'];
  return String(contentType ?? '').includes('text/html') || /^\s*<(!doctype|html)/i.test(answer.body);
}

function withoutQuery(location: string | string[] | undefined): string {
  return String(location ?? 'another address').replace(/[?#].*$/, '');
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function oneLine(value: string): string {
  return shorten(value.replace(/\s+/g, ' ').trim(), MAXIMUM_REASON_LENGTH);
}

/** Ends what Airbyte said with a full stop, so that advice can follow. */
export function sentence(value: string): string {
  return /[.!?…]$/.test(value) ? value : `${value}.`;
}
