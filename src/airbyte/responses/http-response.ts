import { isObject } from '../../text/json-object';

/** The body of a response as far as it was read: JSON, or the beginning of a text that is not JSON. */
export type ResponseBody = { json: unknown; text?: undefined } | { json?: undefined; text: string };

/** What Airbyte, or a gateway in front of it, sent back. */
export interface HttpResponse {
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  body: ResponseBody;
}

/** The body of a response that is a JSON object; undefined for any other body. */
export function objectBody({ body }: HttpResponse): Record<string, unknown> | undefined {
  return isObject(body.json) ? body.json : undefined;
}

/** The body of a response as text. */
export function textBody({ body: { json, text } }: HttpResponse): string {
  return text ?? JSON.stringify(json) ?? '';
}

/** Whether a response is a web page. */
export function isHtml(response: HttpResponse): boolean {
  const contentType = response.headers['content-type'];
  return String(contentType ?? '').includes('text/html') || /^\s*<(!doctype|html)/i.test(response.body.text ?? '');
}
