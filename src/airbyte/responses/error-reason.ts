import { asSentence } from '../../text/as-sentence';
import { isObject } from '../../text/json-object';
import { shorten } from '../../text/shorten';
import { type HttpResponse, isHtml, objectBody, textBody } from './http-response';

const MAXIMUM_REASON_LENGTH = 1_000;

/** Why Airbyte rejected a request, in its own words where the error response has some. Ends with a full stop. */
export function reasonOf(response: HttpResponse): string {
  if (response.status >= 300 && response.status < 400) {
    return `it redirects to ${withoutQuery(response.headers['location'])}.`;
  }
  if (isHtml(response)) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(textBody(response))?.[1]?.trim();
    return title ? `a web page titled "${shortLine(title)}".` : 'a web page, not an API response.';
  }
  const body = objectBody(response);
  if (body === undefined) {
    return asSentence(shortLine(textBody(response)) || 'no reason given');
  }
  const reasons = reasonsIn(body);
  if (reasons.length > 0) {
    return asSentence(shortLine([...new Set(reasons)].join(': ')));
  }
  const type = text(body['type']);
  if (type?.startsWith('error:')) return asSentence(type);
  const errorId = text(body['errorId']);
  return errorId === undefined
    ? 'no reason given.'
    : `Airbyte gave no reason, only the error id ${errorId}; its server log has the reason under that id.`;
}

/** All texts of an error response that say what is wrong, the most general one first. */
export function reasonsIn(body: Record<string, unknown>): string[] {
  return [
    text(body['message']) ?? text(body['title']),
    text(body['error_description']) ?? text(body['error']),
    ...problemDetails(body['detail'], body['data']),
    ...validationErrors(body['validationErrors']),
    ...embeddedErrors(objectOf(body['_embedded'])?.['errors']),
  ].filter((part) => part !== undefined);
}

/**
 * The details of a problem document (RFC 9457), which is what Airbyte's public API sends: `data` describes this very
 * request, while `detail` is mostly the same text for every problem of the type.
 */
function problemDetails(detail: unknown, data: unknown): string[] {
  const { message, resourceType, resourceId, type, value, statusReason, reason, issues } = objectOf(data) ?? {};
  const resource = joined([resourceType, resourceId]);
  // What was not found: its kind, and the value that was sent for it. This pair alone does not say what is wrong.
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

/** Paths and messages only, because the invalid value itself may be a secret. */
function validationErrors(errors: unknown): string[] {
  return arrayOf(errors).flatMap(
    (error) => joined([objectOf(error)?.['propertyPath'], objectOf(error)?.['message']]) ?? [],
  );
}

function embeddedErrors(errors: unknown): string[] {
  return arrayOf(errors).flatMap((error) => text(objectOf(error)?.['message']) ?? []);
}

function withoutQuery(location: string | string[] | undefined): string {
  return String(location ?? 'another address').replace(/[?#].*$/, '');
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return isObject(value) ? value : undefined;
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function shortLine(value: string): string {
  return shorten(value.replace(/\s+/g, ' ').trim(), MAXIMUM_REASON_LENGTH);
}
