import type { Command } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import { AirbyteError } from '../../src/airbyte/errors';
import { ifAvailable } from '../../src/airbyte/lookup/optional-responses';
import type { Catalog, Connection, Definition } from '../../src/airbyte/schemas';
import {
  type ConnectionDocument,
  describeSecrets,
  type ExistingActor,
  toConnectionDocument,
} from '../../src/documents/connection-document';
import { writeConnectionDocument } from '../../src/documents/write-connection-document';
import { messageOf } from '../../src/text/error-message';
import { formatPath } from '../../src/text/field-path';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson } from '../command-context';
import { findConnection } from '../lookup/connection-lookup';
import { writeNewFile } from '../lookup/new-file';

export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .summary('write a pipeline document for an existing connection')
    .description(
      'Writes a pipeline document for a connection that exists in Airbyte. The document refers to secrets by name; once these are set where the worker runs, `plan` finds no differences.',
    )
    .argument('<connection>', 'id or name of the connection')
    .option('--output <file>', 'write to this new file (default: stdout)')
    .action(async (idOrName: string, options: { json?: boolean; output?: string }) => {
      const output = outputOf(context, options);
      const { written, text } = await withAirbyte(context.terminal, async (airbyte) => {
        const { connectionId } = await findConnection(airbyte, idOrName);
        const connection = await airbyte.connections.get(connectionId);
        const read = toConnectionDocument({
          ...(await readExisting(airbyte, connection)),
          schema: await readSchema(airbyte, connection, (line) => output.note(line)),
        });
        const origin = `the connection ${connectionId} of ${airbyte.url}`;
        return { written: read, text: writeConnectionDocument(read, origin) };
      });
      const { output: file } = options;
      if (file !== undefined) await writeNewFile(file, text);
      noteRequiredSecrets(written, file ?? 'the document', (line) => output.note(line));
      const secrets = written.secrets.map(({ name, path }) => ({ name, path: formatPath(path) }));
      const document = { document: written.document, secrets, ...(file !== undefined && { file }) };
      output.result(document, () => (file === undefined ? text.trimEnd().split('\n') : [`Written to ${file}.`]));
    });
  withJson(command);
}

/** How long the user waits for the source's current schema. Airbyte mostly has it cached. */
const DISCOVERY_TIMEOUT_MS = 60_000;

/** Reads the source's current schema; undefined, with a note, where Airbyte cannot discover it. */
async function readSchema(
  airbyte: AirbyteClient,
  { sourceId = '' }: Connection,
  note: (line: string) => void,
): Promise<Catalog | undefined> {
  try {
    const { catalog } = await airbyte.sources.discoverSchema(
      sourceId,
      {},
      { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) },
    );
    return catalog;
  } catch (error) {
    note(`The streams were not compared with the source's current schema: ${messageOf(error)}`);
    return undefined;
  }
}

async function readExisting(airbyte: AirbyteClient, connection: Connection) {
  const { connectionId, name, status, sourceId, destinationId } = connection;
  if (!name || sourceId === undefined || destinationId === undefined) {
    throw CliError.badInput(
      `Airbyte does not give the name, the source and the destination of the connection ${connectionId}, which a document needs to find it.`,
    );
  }
  if (status !== undefined && status !== 'active' && status !== 'inactive') {
    throw CliError.badInput(
      `The connection '${name}' (${connectionId}) is ${status}. A document's is active or inactive.`,
    );
  }
  const [source, destination] = await Promise.all([
    airbyte.sources.get(sourceId),
    airbyte.destinations.get(destinationId),
  ]);
  const workspaceId = connection.workspaceId ?? source.workspaceId;
  const workspaces = (await ifAvailable(airbyte.workspaces.list())) ?? [];
  const workspace = workspaces.find((each) => each.workspaceId === workspaceId);
  const { sourceDefinitionId } = source;
  const { destinationDefinitionId } = destination;
  const owner = workspaceId ?? workspaces[0]?.workspaceId ?? '';
  return {
    connection,
    workspace: workspace && isUniqueName(workspace.name, workspaces) ? workspace.name : workspaceId,
    source: await describeActor(source, sourceDefinitionId, {
      definitions: () => airbyte.sourceDefinitions.list(owner),
      specification: (id) => airbyte.sourceDefinitions.specification({ sourceDefinitionId: id, workspaceId: owner }),
    }),
    destination: await describeActor(destination, destinationDefinitionId, {
      definitions: () => airbyte.destinationDefinitions.list(owner),
      specification: (id) =>
        airbyte.destinationDefinitions.specification({ destinationDefinitionId: id, workspaceId: owner }),
    }),
  };
}

async function describeActor(
  {
    name,
    connectionConfiguration = {},
  }: { name: string; connectionConfiguration?: Record<string, unknown> | undefined },
  definitionId: string | undefined,
  calls: {
    definitions(): Promise<Definition[]>;
    specification(definitionId: string): Promise<{ connectionSpecification?: unknown }>;
  },
): Promise<ExistingActor> {
  if (definitionId === undefined) {
    throw CliError.badInput(`Airbyte does not say which connector '${name}' uses, and a document must name it.`);
  }
  const definitions = await calls.definitions();
  const definition = definitions.find((each) => each.definitionId === definitionId);
  const specification = await calls.specification(definitionId).catch((error: unknown) => {
    // Not every server has specifications. Without one, a secret is recognised by its mask, its name and its value.
    if (error instanceof AirbyteError && !error.retryable) return undefined;
    throw error;
  });
  return {
    name,
    definition: definition && isUniqueName(definition.name, definitions) ? definition.name : definitionId,
    configuration: connectionConfiguration,
    specification: specification?.connectionSpecification,
  };
}

function isUniqueName(name: string, all: readonly { name: string }[]): boolean {
  return all.filter((each) => each.name === name).length === 1;
}

function noteRequiredSecrets(
  { secrets, notes }: ConnectionDocument,
  where: string,
  note: (line: string) => void,
): void {
  for (const text of notes) note(text);
  if (secrets.length === 0) return;
  note(`Set these secrets where the worker runs before you use ${where}:`);
  for (const line of describeSecrets(secrets)) note(`  ${line}`);
}
