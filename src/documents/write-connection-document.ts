/** Writes the document of an existing connection as YAML. */
import { Document, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';
import { escapeControlsInStrings, hasControls, oneLine } from '../text/control-characters';
import { type ConnectionDocument, describeSecrets } from './connection-document';
import { parsePipelineDocument } from './parse-document';

/**
 * Writes the document of a connection as YAML. Its comments list the secrets to set.
 *
 * @param origin the connection's origin, for the first line
 * @throws PipelineDocumentError when the connection has a setting that a document cannot express
 */
export function writeConnectionDocument({ document, secrets, notes }: ConnectionDocument, origin: string): string {
  const yaml = new Document(document);
  for (const { name, path } of secrets) {
    const node = yaml.getIn(path, true);
    if (isScalar(node)) node.comment = ` set ${name} where the worker runs`;
  }
  const streams = yaml.getIn(['connection', 'streams'], true);
  // One line for each stream.
  if (isSeq(streams)) for (const stream of streams.items) if (isMap(stream)) stream.flow = true;
  // Strings in quotes can contain escapes for control characters, which a terminal would execute.
  visit(yaml, (_, node) => {
    if (isScalar(node) && typeof node.value === 'string' && hasControls(node.value)) node.type = Scalar.QUOTE_DOUBLE;
  });
  yaml.commentBefore = [
    `Written by temporal-airbyte import from ${oneLine(origin)}.`,
    ...(secrets.length > 0
      ? [
          '',
          'Airbyte does not return secrets. Set these where the worker runs before you plan, apply or run the document:',
        ]
      : []),
    ...describeSecrets(secrets).map((line) => `  ${line}`),
    ...notes.flatMap((note) => ['', oneLine(note)]),
  ]
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
  // No line width: a text that is folded into several lines cannot be searched for.
  const text = escapeControlsInStrings(yaml.toString({ lineWidth: 0 }));
  parsePipelineDocument(text, 'the document of the connection');
  return text;
}
