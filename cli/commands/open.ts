import type { Command } from 'commander';
import type { AirbyteClient } from '../../src/airbyte/client';
import { withWorkspace } from '../../src/airbyte/lookup/connection-workspace';
import { connectionPage } from '../../src/airbyte/webapp-urls';
import { workerSettings } from '../../src/configuration/worker-settings';
import { workflowPage } from '../../src/details/run-details';
import { newestSyncOf } from '../../src/temporal/running-syncs';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { findConnection } from '../lookup/connection-lookup';
import { findTemporalUi } from '../lookup/temporal-ui';
import { openInBrowser } from '../render/browser';
import type { Terminal } from '../render/terminal';

interface OpenOptions {
  json?: boolean;
  run?: boolean;
}

export function addOpenCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('open')
    .summary("open a connection in Airbyte's UI, or its sync in Temporal's")
    .description(
      "Opens the page of a connection in Airbyte's UI in a browser, or with --run that of its running or newest sync in Temporal's UI. Prints the link, and only that where there is no browser or no terminal.",
    )
    .argument('[connection]', "id or name of the connection (default: Airbyte's UI itself)")
    .option('--run', "open the connection's sync in Temporal's UI; TEMPORAL_UI_URL is the address of the UI")
    .action(async (idOrName: string | undefined, options: OpenOptions) => {
      const output = outputOf(context, options);
      const { terminal } = context;
      if (options.run && idOrName === undefined) throw CliError.badInput('--run: needs a connection.');
      const url = await withAirbyte(terminal, async (airbyte) => {
        if (idOrName === undefined) return airbyte.webappUrl;
        return options.run ? runUrl(terminal, airbyte, idOrName) : connectionUrl(airbyte, idOrName);
      });
      const opened = !output.json && (await openInBrowser(url, terminal));
      if (opened) output.note('Opened in the browser:');
      output.result({ url }, () => [url]);
    });
  withJson(command);
}

/** @throws CliError when Airbyte does not show the workspace, which is a part of the address */
async function connectionUrl(airbyte: AirbyteClient, idOrName: string): Promise<string> {
  const connection = await withWorkspace(airbyte, await findConnection(airbyte, idOrName));
  const { connectionId, workspaceId } = connection;
  if (workspaceId !== undefined) return connectionPage(airbyte.webappUrl, workspaceId, connectionId);
  throw CliError.badInput(
    `Airbyte does not show the workspace of the connection '${idOrName}', which is a part of the page's address. Airbyte's UI is at ${airbyte.webappUrl}.`,
  );
}

async function runUrl({ env }: Terminal, airbyte: AirbyteClient, idOrName: string): Promise<string> {
  const { connectionId } = await findConnection(airbyte, idOrName);
  return withTemporal(env, async (temporal) => {
    const { taskQueue } = workerSettings(env);
    const workflowId = await newestSyncOf(temporal.client, connectionId, taskQueue);
    if (workflowId === undefined) {
      throw CliError.badInput(
        `Temporal knows no sync of the connection '${idOrName}' on the task queue '${taskQueue}'. \`temporal-airbyte sync\` starts one.`,
      );
    }
    return `${await findTemporalUi(env, temporal.address)}/${workflowPage(temporal.namespace, workflowId)}`;
  });
}
