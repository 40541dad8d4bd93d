import type { AirbyteClient } from '../../airbyte/client';
import { AirbyteError, withAdvice } from '../../airbyte/errors';
import { withWorkspace } from '../../airbyte/lookup/connection-workspace';
import { type Connection, tagIdsOf } from '../../airbyte/schemas';
import type { FoundConnection } from '../../contract/connection';
import { DomainError } from '../../contract/domain-error';
import { type FleetSelection, MAXIMUM_CONNECTIONS } from '../../contract/fleet-document';
import { shortenName } from '../../contract/fleet-result';
import type { WorkspaceSummary } from '../../contract/workspace';
import { matchesPattern } from '../../text/name-pattern';
import type { ReconcileLogger } from '../ports';
import { type ConnectionMatches, findConnections } from './connections';
import { describeNamesakes, quoteNames } from './id-or-name';
import { findWorkspace } from './workspaces';

/** The number of ambiguous names that an error lists. */
const MAXIMUM_AMBIGUOUS_NAMES = 10;

/** Finds the connections of a fleet. */
export class ConnectionSelection {
  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly logger: Pick<ReconcileLogger, 'warn'>,
  ) {}

  /**
   * Finds connections by id or exact name, in the given order.
   *
   * @throws DomainError `AirbyteNotFound` that names the missing ones; `AirbyteConflict` that names the ambiguous ones
   */
  async find(idsOrNames: readonly string[]): Promise<FoundConnection[]> {
    const found = await findConnections(this.airbyte, idsOrNames);
    if (found.listError) {
      this.logger.warn('The connections cannot be listed: they are found by their ids only', {
        reason: found.listError.message,
      });
    }
    assertAllFound(idsOrNames, found);
    assertUnambiguous(found);
    const connections = idsOrNames.flatMap((idOrName) => found.matches.get(idOrName) ?? []);
    return Promise.all(connections.map(async (connection) => summarise(await withWorkspace(this.airbyte, connection))));
  }

  /**
   * Selects the active connections of a workspace whose name matches the pattern and which have one of the tags, sorted by name.
   *
   * @throws DomainError `AirbyteNotFound` when there is none, or no such tag or workspace; `InvalidInput` when there are too
   *   many; AirbyteError `AirbyteUnavailable` when the list of connections cannot be read to its end; `AirbyteUnsupported` when
   *   the server has no tags
   */
  async select({ workspace: idOrName, namePattern, tags }: FleetSelection): Promise<FoundConnection[]> {
    const workspace = await findWorkspace(this.airbyte.workspaces, idOrName, this.logger);
    const tagIds = tags && (await this.#findTags(workspace, tags));
    const all = await this.#listAll(workspace.workspaceId);
    const active = all.filter(({ status }) => status === undefined || status === 'active');
    const selected = active
      .filter(({ name }) => namePattern === undefined || matchesPattern(namePattern, name ?? ''))
      .filter((connection) => tagIds === undefined || tagIdsOf(connection).some((id) => tagIds.includes(id)))
      .map(summarise)
      .sort((one, other) => one.name.localeCompare(other.name, 'en'));
    const criteria = describeCriteria(namePattern, tags);
    if (selected.length === 0) {
      throw new DomainError(
        'AirbyteNotFound',
        `The workspace '${workspace.name}' has no active connection${criteria}. It has: ${quoteNames(active.map(nameOf))}.`,
      );
    }
    if (selected.length > MAXIMUM_CONNECTIONS) {
      throw new DomainError(
        'InvalidInput',
        `select chooses ${selected.length} connections${criteria}, more than the ${MAXIMUM_CONNECTIONS} of a fleet. Make several fleets of them.`,
      );
    }
    return selected;
  }

  /** Reads the whole list: a fleet that lacks some of its connections would end as a success. */
  async #listAll(workspaceId: string): Promise<Connection[]> {
    return this.airbyte.connections.list(workspaceId, { requireComplete: true }).catch((error: unknown) => {
      if (!(error instanceof AirbyteError && error.type === 'AirbyteUnsupported')) throw error;
      throw withAdvice(error, 'List the connections of the fleet by their ids instead of selecting them.');
    });
  }

  /** Finds the ids of a workspace's tags. */
  async #findTags(workspace: WorkspaceSummary, names: readonly string[]): Promise<string[]> {
    const tags = await this.airbyte.tags.list(workspace.workspaceId);
    const missing = names.filter((desired) => !tags.some(({ name }) => name === desired));
    if (missing.length > 0) {
      const existing = quoteNames(tags.map(({ name }) => name));
      throw new DomainError(
        'AirbyteNotFound',
        `The workspace '${workspace.name}' has no tag ${quoteNames(missing)}. It has: ${existing}.`,
      );
    }
    return tags.filter(({ name }) => names.includes(name)).map(({ tagId }) => tagId);
  }
}

function assertAllFound(idsOrNames: readonly string[], { matches, listed }: ConnectionMatches): void {
  const missing = idsOrNames.filter((idOrName) => !matches.has(idOrName));
  if (missing.length === 0) return;
  throw new DomainError(
    'AirbyteNotFound',
    `Airbyte has no connection with the id or name ${quoteNames(missing)}. It has: ${quoteNames(listed.map(nameOf))}.`,
  );
}

function assertUnambiguous({ matches }: ConnectionMatches): void {
  const ambiguous = [...matches].filter(([, connections]) => connections.length > 1);
  if (ambiguous.length === 0) return;
  const lines = ambiguous.slice(0, MAXIMUM_AMBIGUOUS_NAMES).map(([name, connections]) =>
    describeNamesakes(
      'connection',
      name,
      connections.map((each) => each.connectionId),
    ),
  );
  throw new DomainError('AirbyteConflict', `${lines.join('\n')}\nGive the id of the one that is meant.`);
}

function describeCriteria(namePattern: string | undefined, tags: readonly string[] | undefined): string {
  const name = namePattern === undefined ? '' : ` with a name of the pattern '${namePattern}'`;
  return tags === undefined ? name : `${name} with a tag ${quoteNames(tags)}`;
}

function summarise(connection: Connection): FoundConnection {
  const { connectionId, workspaceId } = connection;
  return { connectionId, name: nameOf(connection), ...(workspaceId !== undefined && { workspaceId }) };
}

function nameOf({ connectionId, name }: Connection): string {
  return shortenName(name ?? connectionId, 1);
}
