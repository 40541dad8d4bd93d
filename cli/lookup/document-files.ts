import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { PipelineDocumentError, readPipelineDocument } from '../../src/documents/parse-document';
import { formatCount } from '../../src/text/formatting';
import { CliError, ReportedError } from '../cli-error';
import { EXIT, type ExitCode } from '../exit-codes';
import { type PresentedFailure, presentFailure } from '../render/failure-presentation';
import type { Output } from '../render/output';

export interface DocumentFile {
  file: string;
  document: PipelineDocument;
}

/** What has become of one of several documents. */
export type DocumentOutcome<Result> = { file: string; name: string } & (
  | { result: Result }
  | { error: PresentedFailure }
  /** What it needs was out of reach for the one before it, or the command was interrupted. */
  | { notStarted: true }
);

/**
 * Reads and checks all documents, before anything is done about any of them.
 *
 * @throws CliError with all that is wrong in any of them, and when two have the same name
 */
export async function readDocuments(files: readonly string[]): Promise<DocumentFile[]> {
  const problems: string[] = [];
  const documents: DocumentFile[] = [];
  for (const file of files) {
    try {
      documents.push({ file, document: await readPipelineDocument(file) });
    } catch (error) {
      if (!(error instanceof PipelineDocumentError)) throw error;
      problems.push(error.message);
    }
  }
  const fileOf = new Map<string, string>();
  for (const { file, document } of documents) {
    const other = fileOf.get(document.name);
    if (other === undefined) fileOf.set(document.name, file);
    else {
      const both = `${other} and ${file} are both of the pipeline '${document.name}'`;
      problems.push(`${both}: give one of them another name, or leave it out.`);
    }
  }
  if (problems.length > 0) throw CliError.badInput(problems.join('\n'));
  return documents;
}

/**
 * Does something about each document, one after the other. One that fails does not keep the next from its turn, unless
 * that would fail too: something is out of reach, or the command was interrupted.
 *
 * @throws what the only document failed with
 */
export async function forEachDocument<Result>(
  output: Output,
  documents: readonly DocumentFile[],
  act: (document: DocumentFile) => Promise<Result>,
): Promise<DocumentOutcome<Result>[]> {
  const outcomes: DocumentOutcome<Result>[] = [];
  let ends = false;
  for (const [index, each] of documents.entries()) {
    const { file, document } = each;
    const which = { file, name: document.name };
    if (ends) {
      outcomes.push({ ...which, notStarted: true });
      continue;
    }
    if (documents.length > 1) output.note(`${file} (${index + 1} of ${documents.length})`);
    try {
      outcomes.push({ ...which, result: await act(each) });
    } catch (error) {
      if (documents.length === 1) throw error;
      const { type, message, exitCode } = presentFailure(error);
      outcomes.push({ ...which, error: { type, message, exitCode } });
      output.note(`${output.paintNote('red', 'Error:')} ${message}`);
      ends = exitCode === EXIT.outOfReach || exitCode === EXIT.interrupted;
    }
  }
  return outcomes;
}

/** The results of those that have come to one. */
export function resultsOf<Result>(outcomes: readonly DocumentOutcome<Result>[]): Result[] {
  return outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
}

/**
 * Ends a command whose results are out, with the exit code of the worst: the highest.
 *
 * @throws ReportedError unless each document has come to a result
 */
export function throwWorstOutcome(outcomes: readonly DocumentOutcome<unknown>[]): void {
  const without = outcomes.filter((outcome) => !('result' in outcome));
  if (without.length === 0) return;
  const codes = outcomes.flatMap((outcome): ExitCode[] => ('error' in outcome ? [outcome.error.exitCode] : []));
  const worst = codes.sort((one, other) => other - one)[0] ?? EXIT.failed;
  const files = without.map((outcome) => ('error' in outcome ? outcome.file : `${outcome.file} (not started)`));
  throw new ReportedError(
    worst,
    'DocumentsFailed',
    `${without.length} of ${formatCount(outcomes.length, 'document')} failed: ${files.join(', ')}.`,
  );
}
