import type { Problem } from '../contract/validation/schema-problems';

/** A problem and its position in the file; lines and columns count from 1. */
export interface DocumentProblem extends Problem {
  line?: number;
  column?: number;
}

/** A document that cannot be used. The message has a line for each problem, and contains no value of the document. */
export class PipelineDocumentError extends Error {
  override readonly name = 'PipelineDocumentError';

  constructor(
    readonly fileName: string,
    readonly problems: readonly DocumentProblem[],
    options?: ErrorOptions,
  ) {
    super(problems.map((problem) => describe(fileName, problem)).join('\n'), options);
  }
}

/** `shop.yaml:12:7 connection.streams[0].syncMode: expected …`, which editors and terminals show as a link. */
function describe(fileName: string, { path, message, line, column }: DocumentProblem): string {
  const location = line === undefined ? fileName : `${fileName}:${line}:${column ?? 1}`;
  return path === '' ? `${location}: ${message}` : `${location} ${path}: ${message}`;
}
