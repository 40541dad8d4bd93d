import { Argument, type Command } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import type { Workspace } from '../../src/airbyte/schemas';
import { findWorkspaces } from '../../src/reconcile/lookup/workspaces';
import { formatCount } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import type { Output } from '../render/output';
import { renderTable } from '../render/table';
import { terminalWidth } from '../render/terminal';

type Row = Record<string, string>;

interface ListedKind {
  /** The key of the list in the JSON document. */
  key: string;
  /** Reads the rows of one workspace, without configurations, which may hold secrets. */
  rows: (airbyte: AirbyteClient, workspace: Workspace) => Promise<Row[]>;
  /** Whether each workspace has its own. The connectors that come with Airbyte are the same in all of them. */
  perWorkspace: boolean;
}

const KINDS: Record<string, ListedKind> = {
  workspaces: {
    key: 'workspaces',
    rows: async (_airbyte, { workspaceId, name }) => [{ workspaceId, name }],
    perWorkspace: true,
  },
  'source-definitions': {
    key: 'sourceDefinitions',
    rows: async (airbyte, { workspaceId }) =>
      (await airbyte.sourceDefinitions.list(workspaceId)).map((definition) => ({
        sourceDefinitionId: definition.definitionId,
        name: definition.name,
        image: imageOf(definition),
      })),
    perWorkspace: false,
  },
  'destination-definitions': {
    key: 'destinationDefinitions',
    rows: async (airbyte, { workspaceId }) =>
      (await airbyte.destinationDefinitions.list(workspaceId)).map((definition) => ({
        destinationDefinitionId: definition.definitionId,
        name: definition.name,
        image: imageOf(definition),
      })),
    perWorkspace: false,
  },
  sources: {
    key: 'sources',
    rows: async (airbyte, { workspaceId, name: workspace }) =>
      (await airbyte.sources.list(workspaceId)).map(({ sourceId, name }) => ({ sourceId, name, workspace })),
    perWorkspace: true,
  },
  destinations: {
    key: 'destinations',
    rows: async (airbyte, { workspaceId, name: workspace }) =>
      (await airbyte.destinations.list(workspaceId)).map(({ destinationId, name }) => ({
        destinationId,
        name,
        workspace,
      })),
    perWorkspace: true,
  },
  connections: {
    key: 'connections',
    rows: async (airbyte, { workspaceId, name: workspace }) =>
      (await airbyte.connections.list(workspaceId)).map(({ connectionId, name, status }) => ({
        connectionId,
        name: name ?? '',
        status: status ?? '',
        workspace,
      })),
    perWorkspace: true,
  },
};

export function addListCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('list')
    .summary('list workspaces, connectors, sources, destinations or connections')
    .description('Lists the workspaces, connectors, sources, destinations or connections in Airbyte.')
    .addArgument(new Argument('<kind>', 'what to list').choices(Object.keys(KINDS)))
    .option('--workspace <workspace>', 'id or name of one workspace (default: all)')
    .action(async (kindName: string, options: { json?: boolean; workspace?: string }) => {
      const kind = KINDS[kindName];
      if (!kind) throw CliError.badInput(`There is no list of ${kindName}.`);
      const output = outputOf(context, options);
      await withAirbyte(context.terminal, async (airbyte) => {
        const workspaces = await (options.workspace === undefined
          ? airbyte.workspaces.list()
          : findWorkspaces(airbyte.workspaces, options.workspace));
        const asked = kind.perWorkspace ? workspaces : workspaces.slice(0, 1);
        if (asked.length === 0) {
          throw new CliError(EXIT.badInput, 'AirbyteNotFound', `Airbyte at ${airbyte.url} has no workspace yet.`);
        }
        const rows = (await Promise.all(asked.map((workspace) => kind.rows(airbyte, workspace)))).flat();
        show(output, kind.key, rows, heading(kindName, rows.length, airbyte, kind.perWorkspace ? undefined : asked[0]));
      });
    });
  withJson(command);
}

function heading(kindName: string, count: number, airbyte: AirbyteClient, workspace: Workspace | undefined): string {
  const where = `Airbyte at ${airbyte.url}${workspace ? `, workspace '${workspace.name}'` : ''}`;
  return count === 0
    ? `${where} has no ${kindName} yet.`
    : `${formatCount(count, kindName.replace(/s$/, ''))} of ${where}:`;
}

function show(output: Output, key: string, rows: Row[], text: string): void {
  output.note(text);
  output.result({ [key]: rows }, () => {
    const [first] = rows;
    if (!first) return [];
    const tableColumns = Object.keys(first).map((field) => ({
      header: headerOf(field),
      value: (row: Row) => row[field] ?? '',
      shrinks: !field.endsWith('Id'),
    }));
    return renderTable(tableColumns, rows, terminalWidth(output.terminal.stdout));
  });
}

function headerOf(field: string): string {
  return field.endsWith('Id') ? 'ID' : field.toUpperCase();
}

function imageOf({
  dockerRepository,
  dockerImageTag,
}: {
  dockerRepository?: string | undefined;
  dockerImageTag?: string | undefined;
}): string {
  return [dockerRepository, dockerImageTag].filter(Boolean).join(':');
}
