import type { Command } from 'commander';
import { PipelineDocumentError } from '../../src/documents/document-error';
import { type AnyDocument, readAnyDocument } from '../../src/documents/parse-document';
import { formatCount } from '../../src/text/formatting';
import { ReportedError } from '../cli-error';
import { type CommandContext, outputOf, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import type { Output } from '../render/output';

/** A file, and whether it has a valid document. */
type CheckedFile = { file: string } & (
  | { valid: true; kind: AnyDocument['kind']; name?: string }
  | { valid: false; problems: PipelineDocumentError['problems']; message: string }
);

export function addValidateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('validate')
    .summary('check documents without Temporal and Airbyte')
    .description(
      'Checks documents of pipelines and fleets, and routes of webhooks, without connecting to anything, for instance in continuous integration. Names the file, line and field of each problem. Exits with 0 if all are valid, and with 2 if one is not. Only `plan` knows whether connectors, streams and connections exist.',
    )
    .argument('<files...>', 'documents, YAML or JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const output = outputOf(context, options);
      const checked = await Promise.all(files.map(checkFile));
      const invalid = checked.filter(({ valid }) => !valid);
      const document = { valid: invalid.length === 0, files: checked.map(withoutMessage) };
      output.result(document, () => checked.flatMap((each) => describe(output, each)));
      if (invalid.length > 0) {
        const names = invalid.map(({ file }) => file).join(', ');
        const message = `${invalid.length} of ${formatCount(files.length, 'document')} cannot be used: ${names}.`;
        throw new ReportedError(EXIT.badInput, 'InvalidInput', message);
      }
    });
  withJson(command);
}

async function checkFile(file: string): Promise<CheckedFile> {
  try {
    const { kind, document } = await readAnyDocument(file);
    return { file, valid: true, kind, ...('name' in document && { name: document.name }) };
  } catch (error) {
    if (!(error instanceof PipelineDocumentError)) throw error;
    return { file, valid: false, problems: error.problems, message: error.message };
  }
}

function withoutMessage(checked: CheckedFile): object {
  if (checked.valid) return checked;
  const { message: _, ...rest } = checked;
  return rest;
}

function describe({ paintResult: paint }: Output, checked: CheckedFile): string[] {
  if (!checked.valid) return checked.message.split('\n').map((line) => `${paint('red', '✗')} ${line}`);
  const { file, kind, name } = checked;
  return [`${paint('green', '✓')} ${file}: ${name === undefined ? kind : `${kind} '${name}'`}`];
}
