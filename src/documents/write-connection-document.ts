import { Document, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';
import { escapeControlsInStrings, hasControls, oneLine } from '../text/control-characters';
import { type ConnectionDocument, describeSecrets } from './connection-document';
import { parsePipelineDocument } from './parse-document';

/**
 * Writes the document of a connection as YAML, with comments that tell what to set before it can be used.
 *
 * @param origin where it comes from, for its first line
 * @throws PipelineDocumentError when the connection has something that no document can say
 */
export function writeConnectionDocument({ document, secrets, notes }: ConnectionDocument, origin: string): string {
  const yaml = new Document(document);
  for (const { name, path } of secrets) {
    const node = yaml.getIn(path, true);
    if (isScalar(node)) node.comment = ` set ${name} where the worker runs`;
  }
  const streams = yaml.getIn(['connection', 'streams'], true);
  // A stream is a line, as people write it.
  if (isSeq(streams)) for (const stream of streams.items) if (isMap(stream)) stream.flow = true;
  // In quotes there are escapes for characters that a terminal would obey.
  visit(yaml, (_, node) => {
    if (isScalar(node) && typeof node.value === 'string' && hasControls(node.value)) node.type = Scalar.QUOTE_DOUBLE;
  });
  yaml.commentBefore = [
    `Written by temporal-airbyte import from ${oneLine(origin)}.`,
    ...(secrets.length > 0
      ? ['', 'Airbyte shows no secrets. Set these where the worker runs before you plan, apply or run it:']
      : []),
    ...describeSecrets(secrets).map((line) => `  ${line}`),
    ...notes.flatMap((note) => ['', oneLine(note)]),
  ]
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
  // Not folded: a long text in several lines is none that people search for.
  const text = escapeControlsInStrings(yaml.toString({ lineWidth: 0 }));
  parsePipelineDocument(text, 'the document of the connection');
  return text;
}
