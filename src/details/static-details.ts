import { connectionPage } from '../airbyte/webapp-urls';
import type { FleetDocument } from '../contract/fleet-document';
import type { PipelineDocument } from '../contract/pipeline-document';
import type { SyncConnectionInput } from '../contract/sync-options';
import { oneLine } from '../text/control-characters';
import { code, link, list, plain } from './markdown';

/**
 * The part of a run's description in the UI that does not change while it runs, as options for all that start runs:
 * clients, schedules, and parent workflows. Workflow code may import this file.
 */
export interface StaticDetails {
  /** One line of Markdown. */
  staticSummary: string;
  /** Markdown. */
  staticDetails: string;
}

/** What a starter knows about a connection when its sync starts. */
export interface KnownConnection {
  connectionId: string;
  name?: string | undefined;
  workspaceId?: string | undefined;
  /** The address of Airbyte's web app. */
  webappUrl?: string | undefined;
}

/**
 * Temporal rejects a summary of more than 400 bytes (`limit.userMetadataSummarySize`), its encoding included. A character
 * has up to four bytes, and one that Markdown would interpret has a backslash before it.
 */
const SUMMARY_LENGTH = 90;

/** Makes a text the summary of a run, an activity or a timer: one line, no longer than Temporal accepts. */
export function summary(text: string): string {
  const characters = [...oneLine(text)];
  return characters.length <= SUMMARY_LENGTH
    ? characters.join('')
    : `${characters.slice(0, SUMMARY_LENGTH - 1).join('')}…`;
}

/** The static details of a run of `syncConnection`. */
export function syncStaticDetails(connection: KnownConnection, options: Partial<SyncConnectionInput>): StaticDetails {
  const { connectionId, name } = connection;
  const page = pageOf(connection);
  return {
    staticSummary: plain(summary(name ?? `connection ${connectionId}`)),
    staticDetails: list([
      `**Connection**: ${name === undefined ? '' : `${plain(name)}, `}${code(connectionId)}`,
      page && `**In Airbyte**: ${link(page, page)}`,
      `**Options**: ${describeOptions(options)}`,
    ]),
  };
}

/** The static details of a run of `runPipeline`. */
export function pipelineStaticDetails({
  name,
  source,
  destination,
  connection,
  sync,
}: PipelineDocument): StaticDetails {
  return {
    staticSummary: plain(summary(connection.name)),
    staticDetails: list([
      `**Pipeline**: ${plain(name)}`,
      `**Source**: ${plain(source.name)} (${plain(source.definition)})`,
      `**Destination**: ${plain(destination.name)} (${plain(destination.definition)})`,
      `**Connection**: ${plain(connection.name)}`,
      `**Sync**: ${sync === false ? 'none, the document is only applied' : describeOptions(sync)}`,
    ]),
  };
}

/** The static details of a run of `syncFleet`. */
export function fleetStaticDetails({
  name,
  connections,
  select,
  maxConcurrent,
  onFailure,
  sync,
}: Omit<FleetDocument, 'schedule'>): StaticDetails {
  const selected = connections
    ? `${connections.length} by name`
    : Object.values(select ?? {})
        .flat()
        .join(', ') || 'all';
  return {
    staticSummary: plain(summary(name)),
    staticDetails: list([
      `**Fleet**: ${plain(name)}`,
      `**Connections**: ${plain(selected)}`,
      `**Concurrent syncs**: ${maxConcurrent}`,
      `**When one fails**: ${code(`onFailure: ${onFailure}`)}`,
      `**Sync**: ${describeOptions(sync)}`,
    ]),
  };
}

/** The address of the connection's page in Airbyte's web app; undefined where the workspace or the web app is unknown. */
export function pageOf({ connectionId, workspaceId, webappUrl }: KnownConnection): string | undefined {
  if (workspaceId === undefined || webappUrl === undefined) return undefined;
  return connectionPage(webappUrl, workspaceId, connectionId);
}

/** `onRunning: attach`, … */
function describeOptions({
  jobType,
  onRunning,
  timeout,
  onTimeout,
  stallTimeout,
  maximumAttempts,
  minimumRecords,
  unmeasured,
}: Partial<SyncConnectionInput>) {
  const options = { jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured };
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => code(`${option}: ${typeof value === 'object' ? JSON.stringify(value) : value}`))
    .join(', ');
}
