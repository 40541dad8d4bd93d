import { type OpenApiDocument, openApiDocuments } from '../support/openapi';
import type { RecordedCall } from '../support/recording-server';

/** The call as the documents name it. */
export const nameOf = ({ method, url }: RecordedCall) =>
  `${method} ${new URL(url, 'http://airbyte').pathname.slice('/api'.length)}`;

/** What the documents have to say against a request, version by version; nothing is what it should be. */
export function objections(
  call: RecordedCall,
  documents: readonly OpenApiDocument[] = openApiDocuments,
): Record<string, { invalid?: string[]; unknown?: string[] }> {
  const found: Record<string, { invalid?: string[]; unknown?: string[] }> = {};
  for (const document of documents) {
    const path = nameOf(call).split(' ')[1] ?? '';
    if (!document.has(call.method, path)) continue;
    const { invalid, unknown } = document.request(call.method, call.url.slice('/api'.length), call.body);
    if (invalid.length > 0) found[document.version] = { invalid };
    if (unknown.length > 0) found[document.version] = { ...found[document.version], unknown };
  }
  return found;
}
