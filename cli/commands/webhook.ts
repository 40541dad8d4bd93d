import type { Command } from 'commander';
import type { Workspace } from '../../src/airbyte/schemas';
import { webhookTarget } from '../../src/configuration/webhook-addresses';
import { findWorkspaces } from '../../src/reconcile/lookup/workspaces';
import { type EventState, WebhookInstallation, type WebhookStatus } from '../../src/webhooks/installation';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withAirbyte, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import { renderTable } from '../render/table';
import { terminalWidth } from '../render/terminal';

/** `temporal-airbyte webhook …`: the webhooks by which Airbyte notifies the workers of ended syncs. */
export function addWebhookCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('webhook')
    .summary('let Airbyte notify the workers when syncs have ended')
    .description(
      "Manages the webhooks of Airbyte's workspaces by which it notifies the workers when a sync has succeeded or failed. It requires AIRBYTE_WEBHOOK_URL, the address by which Airbyte reaches the workers, and AIRBYTE_WEBHOOK_SECRET.",
    );
  addAction(group, context, {
    name: 'install',
    summary: 'add the webhooks to the notification settings',
    description:
      'Sends a test notification, and then adds the webhooks to the notification settings. Everything else in the settings stays as it is.',
    act: (installation, workspaceId) => installation.install(workspaceId),
  });
  addAction(group, context, {
    name: 'status',
    summary: 'show whether the webhooks are installed',
    description: 'Shows whether the webhooks are installed, and whether a test notification arrives.',
    act: (installation, workspaceId) => installation.status(workspaceId),
  });
  addAction(group, context, {
    name: 'remove',
    summary: 'remove the webhooks from the notification settings',
    description: 'Removes the webhooks that lead to the workers from the notification settings, and no others.',
    act: (installation, workspaceId) => installation.remove(workspaceId),
  });
}

interface WebhookAction {
  name: string;
  summary: string;
  description: string;
  act: (installation: WebhookInstallation, workspaceId: string) => Promise<WebhookStatus>;
}

interface WorkspaceResult extends WebhookStatus {
  workspaceId: string;
  name: string;
}

function addAction(group: Command, context: CommandContext, { name, summary, description, act }: WebhookAction): void {
  const command = group
    .command(name)
    .summary(summary)
    .description(description)
    .option('--workspace <workspace>', 'id or name of one workspace (default: all)')
    .action(async (options: { json?: boolean; workspace?: string }) => {
      const output = outputOf(context, options);
      const { env, stdout } = context.terminal;
      const target = webhookTarget(env);
      await withAirbyte(context.terminal, async (airbyte) => {
        const workspaces: readonly Workspace[] = await (options.workspace === undefined
          ? airbyte.workspaces.list()
          : findWorkspaces(airbyte.workspaces, options.workspace));
        if (workspaces.length === 0) {
          throw new CliError(EXIT.badInput, 'AirbyteNotFound', `Airbyte at ${airbyte.url} has no workspace yet.`);
        }
        const installation = new WebhookInstallation(airbyte.webhooks, target);
        const results: WorkspaceResult[] = [];
        for (const { workspaceId, name } of workspaces) {
          results.push({ workspaceId, name, ...(await act(installation, workspaceId)) });
        }
        output.result({ url: target.baseUrl, workspaces: results }, () =>
          renderTable(COLUMNS, results, terminalWidth(stdout)),
        );
      });
    });
  withJson(command);
}

const STATES: Record<EventState, string> = {
  installed: 'installed',
  outdated: 'outdated: install it again',
  other: 'notifies another address',
  missing: 'not installed',
};

const COLUMNS = [
  { header: 'WORKSPACE', value: ({ name }: WorkspaceResult) => name, shrinks: true },
  { header: 'ON SUCCESS', value: ({ events }: WorkspaceResult) => STATES[events.success] },
  { header: 'ON FAILURE', value: ({ events }: WorkspaceResult) => STATES[events.failure] },
  { header: 'TEST NOTIFICATION', value: describeDelivery },
];

function describeDelivery({ delivered, reason }: WorkspaceResult): string {
  if (delivered === undefined) return 'not sent';
  return delivered ? 'arrived' : `did not arrive${reason === undefined ? '' : `: ${reason}`}`;
}
