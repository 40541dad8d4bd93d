import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import { AirbyteError } from '../../src/airbyte/errors';
import type { Definition } from '../../src/airbyte/schemas';
import { DomainError } from '../../src/contract/domain-error';
import { type NewActor, writeNewDocument } from '../../src/documents/new-document';
import type { ActorKind } from '../../src/reconcile/actor-calls';
import { findDefinition } from '../../src/reconcile/lookup/definitions';
import { findWorkspaces } from '../../src/reconcile/lookup/workspaces';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import { writeNewFile } from '../lookup/new-file';
import type { Output } from '../render/output';

interface InitOptions {
  json?: boolean;
  source?: string;
  destination?: string;
  name?: string;
  workspace?: string;
  output?: string;
}

export function addInitCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('init')
    .summary('write the first document of a pipeline')
    .description(
      "Writes a pipeline document with comments, from the connectors' own specifications in Airbyte. Asks for the connectors that no option names, if there is a terminal. Fill in its empty values; then `plan` shows what it would create.",
    )
    .option('--source <connector>', 'connector of the source: its name, a part of it, or its id')
    .option('--destination <connector>', 'connector of the destination')
    .option('--name <name>', 'name of the pipeline (default: from the connectors)')
    .option('--workspace <workspace>', 'id or name of the workspace (default: the first one)')
    .option('--output <file>', 'write to this new file (default: stdout)')
    .action(async (options: InitOptions) => {
      const output = outputOf(context, options);
      const { text, secrets } = await withAirbyte(context.terminal, (airbyte) =>
        createDocument(output, airbyte, options),
      );
      const { output: file } = options;
      if (file !== undefined) await writeNewFile(file, text);
      if (secrets.length > 0) output.note(`Set these secrets where the worker runs: ${secrets.join(', ')}.`);
      const document = { text, secrets, ...(file !== undefined && { file }) };
      output.result(document, () => (file === undefined ? text.trimEnd().split('\n') : [`Written to ${file}.`]));
    });
  withJson(command);
}

async function createDocument(output: Output, airbyte: AirbyteClient, options: InitOptions) {
  const workspaces = await (options.workspace === undefined
    ? airbyte.workspaces.list()
    : findWorkspaces(airbyte.workspaces, options.workspace));
  const [workspace] = workspaces;
  if (workspace === undefined) {
    throw new CliError(EXIT.badInput, 'AirbyteNotFound', `Airbyte at ${airbyte.url} has no workspace yet.`);
  }
  const { workspaceId } = workspace;
  const sources = await airbyte.sourceDefinitions.list(workspaceId);
  const destinations = await airbyte.destinationDefinitions.list(workspaceId);
  const source = await choose(output, 'source', options.source, sources);
  const destination = await choose(output, 'destination', options.destination, destinations);
  const [sourceSpecification, destinationSpecification] = await Promise.all([
    ifSupported(airbyte.sourceDefinitions.specification({ sourceDefinitionId: source.definitionId, workspaceId })),
    ifSupported(
      airbyte.destinationDefinitions.specification({ destinationDefinitionId: destination.definitionId, workspaceId }),
    ),
  ]);
  return writeNewDocument(
    {
      name: options.name ?? `${nameFor(source)}-to-${nameFor(destination)}`,
      workspace: options.workspace,
      source: toActor(source, sources, sourceSpecification),
      destination: toActor(destination, destinations, destinationSpecification),
    },
    `the connectors ${source.name} and ${destination.name} of ${airbyte.url}`,
  );
}

/** @throws CliError when no option names the connector, and there is no terminal to ask on */
async function choose(
  output: Output,
  kind: ActorKind,
  given: string | undefined,
  definitions: readonly Definition[],
): Promise<Definition> {
  if (given !== undefined) return findDefinition(kind, given, definitions);
  if (!output.terminal.canAsk) {
    throw CliError.badInput(`--${kind}: name its connector. \`temporal-airbyte list ${kind}-definitions\` lists them.`);
  }
  const names = definitions.map(({ name }) => name);
  output.note(
    `Connectors for a ${kind}: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ` … (${names.length})` : ''}`,
  );
  for (;;) {
    try {
      return findDefinition(kind, await ask(`Connector of the ${kind}: `), definitions);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      output.note(error.message);
    }
  }
}

/** @throws CliError when the input ends, or the user presses Ctrl-C */
async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  reader.once('SIGINT', () => ended.abort());
  reader.once('close', () => ended.abort());
  try {
    return (await reader.question(question, { signal: ended.signal })).trim();
  } catch {
    throw CliError.interrupted('nothing was written.');
  } finally {
    reader.close();
  }
}

/** Not every server has specifications, and the public API has none. */
async function ifSupported(reading: Promise<{ connectionSpecification?: unknown }>): Promise<unknown> {
  try {
    return (await reading).connectionSpecification;
  } catch (error) {
    if (error instanceof AirbyteError && error.type === 'AirbyteUnsupported') return undefined;
    throw error;
  }
}

function toActor(definition: Definition, all: readonly Definition[], specification: unknown): NewActor {
  const { name, definitionId } = definition;
  const isUnique = all.filter((each) => each.name === name).length === 1;
  return { name: nameFor(definition), definition: isUnique ? name : definitionId, specification };
}

/** `postgres`, from `Postgres` */
function nameFor({ name }: Definition): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'connector'
  );
}
