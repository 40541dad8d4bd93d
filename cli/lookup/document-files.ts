import { PipelineDocumentError } from '../../src/documents/document-error';
import { type RunnableDocument, readRunnableDocument } from '../../src/documents/parse-document';
import { formatCount } from '../../src/text/formatting';
import { CliError, ReportedError } from '../cli-error';
import { withTakeOverOf } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { type PresentedFailure, presentFailure } from '../render/failure-presentation';
import type { Output } from '../render/output';

/** The document of a pipeline or of a fleet, and its file. */
export type DocumentFile = { file: string } & RunnableDocument;

/** The outcome of one of several documents. */
export type DocumentOutcome<Result> = { file: string; name: string } & (
  | { result: Result }
  | { error: PresentedFailure }
  /** Temporal or Airbyte was unreachable for an earlier document, or the command was interrupted. */
  | { notStarted: true }
);

/**
 * Reads and checks all documents, before the command acts on any of them.
 *
 * @param options takeOver: the pipelines take over what other pipelines manage
 *
 * @throws CliError with the problems of all documents, and when two of one kind have the same name
 */
export async function readDocuments(
  files: readonly string[],
  options: { takeOver?: boolean } = {},
): Promise<DocumentFile[]> {
  const problems: string[] = [];
  const documents: DocumentFile[] = [];
  for (const file of files) {
    try {
      const read = await readRunnableDocument(file);
      const isFleet = read.kind === 'fleet';
      documents.push({ file, ...(isFleet ? read : { ...read, document: withTakeOverOf(read.document, options) }) });
    } catch (error) {
      if (!(error instanceof PipelineDocumentError)) throw error;
      problems.push(error.message);
    }
  }
  const fileOf = new Map<string, string>();
  for (const { file, kind, document } of documents) {
    const named = `${kind} '${document.name}'`;
    const other = fileOf.get(named);
    if (other === undefined) fileOf.set(named, file);
    else {
      const both = `${other} and ${file} both define the ${named}`;
      problems.push(`${both}: give one of them another name, or leave it out.`);
    }
  }
  if (problems.length > 0) throw CliError.badInput(problems.join('\n'));
  return documents;
}

/**
 * Acts on each document in order. After one fails it continues with the next, unless that would fail too, because something
 * is unreachable or the command was interrupted.
 *
 * @throws Error of a single document
 */
export async function forEachDocument<Result>(
  output: Output,
  documents: readonly DocumentFile[],
  act: (document: DocumentFile) => Promise<Result>,
): Promise<DocumentOutcome<Result>[]> {
  const outcomes: DocumentOutcome<Result>[] = [];
  let stopped = false;
  for (const [index, each] of documents.entries()) {
    const { file, document } = each;
    const which = { file, name: document.name };
    if (stopped) {
      outcomes.push({ ...which, notStarted: true });
      continue;
    }
    if (documents.length > 1) output.note(`${file} (${index + 1} of ${documents.length})`);
    try {
      outcomes.push({ ...which, result: await act(each) });
    } catch (error) {
      if (documents.length === 1) throw error;
      const failure = presentFailure(error);
      const { exitCode } = failure;
      outcomes.push({ ...which, error: failure });
      output.note(`${output.paintNote('red', 'Error:')} ${failure.message}`);
      stopped = exitCode === EXIT.outOfReach || exitCode === EXIT.interrupted;
    }
  }
  return outcomes;
}

/** The results of the documents that succeeded. */
export function resultsOf<Result>(outcomes: readonly DocumentOutcome<Result>[]): Result[] {
  return outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
}

/**
 * Ends a command whose results are printed with the highest exit code of its documents.
 *
 * @throws ReportedError unless every document succeeded
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
