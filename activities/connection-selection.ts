import { log } from '@temporalio/activity';
import { AirbyteError, withAdvice } from '../src/airbyte/errors';
import { findConnectionById, isUuid } from '../src/airbyte/lookup/connection-by-id';
import { withWorkspace } from '../src/airbyte/lookup/connection-workspace';
import { ifSupported } from '../src/airbyte/lookup/optional-responses';
import { type Connection, tagIdsOf } from '../src/airbyte/schemas';
import type { FoundConnection } from '../src/contract/connection';
import { DomainError } from '../src/contract/domain-error';
import { type FleetSelection, MAXIMUM_CONNECTIONS } from '../src/contract/fleet-document';
import { shortenName } from '../src/contract/fleet-result';
import { matchesPattern } from '../src/text/name-pattern';
import type { ActivityDependencies } from './dependencies';
import { workspaceActivities } from './workspaces';

/** So many connections are asked for one by one; a list has the whole catalog of each connection of the workspace. */
const MAXIMUM_SINGLE_READS = 50;
/** Of a long list, as many names as a person reads in an error. */
const MAXIMUM_NAMES_IN_ERROR = 10;

export function connectionSelectionActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { findWorkspace } = workspaceActivities({ airbyte });

  /** The connections of every workspace that may be read; those of a server that lists none are found by their ids. */
  const listAll = async (): Promise<Connection[]> => {
    const workspaces = await airbyte.workspaces.list().catch((error: unknown) => {
      if (!(error instanceof AirbyteError) || error.retryable) throw error;
      log.warn('The workspaces cannot be listed: connections are found by their ids only', { reason: error.message });
      return [];
    });
    const lists: Connection[][] = [];
    for (const { workspaceId } of workspaces) {
      lists.push((await ifSupported(airbyte.connections.list(workspaceId))) ?? []);
    }
    return lists.flat();
  };

  /** Looks up as many as are worth a request each. */
  const findByIds = async (ids: string[]): Promise<Connection[]> => {
    if (ids.length > MAXIMUM_SINGLE_READS) return [];
    const found = ids.map(async (id) => {
      const connection = await findConnectionById(airbyte.connections, id);
      return connection && withWorkspace(airbyte, connection);
    });
    return (await Promise.all(found)).filter((connection) => connection !== undefined);
  };

  /** The ids of a workspace's tags. */
  const findTags = async (workspace: { workspaceId: string; name: string }, names: string[]): Promise<string[]> => {
    const tags = await airbyte.tags.list(workspace.workspaceId);
    const missing = names.filter((wanted) => !tags.some(({ name }) => name === wanted));
    if (missing.length > 0) {
      throw new DomainError(
        'AirbyteNotFound',
        `The workspace '${workspace.name}' has no tag ${quoted(missing)}. It has: ${quoted(tags.map(({ name }) => name))}.`,
      );
    }
    return tags.filter(({ name }) => names.includes(name)).map(({ tagId }) => tagId);
  };

  return {
    /**
     * Finds connections by id or exact name, and gives them in the order in which they are asked for.
     *
     * @throws DomainError `AirbyteNotFound` naming those that there are not, `AirbyteConflict` naming those that
     * there are several of
     */
    async findConnections({ connections }: { connections: string[] }): Promise<FoundConnection[]> {
      const found = new Map<string, Connection[]>();
      const take = (all: Connection[]) => {
        const byId = new Map(all.map((connection) => [connection.connectionId, [connection]]));
        const byName = groupByName(all);
        for (const wanted of connections) {
          const matches = byId.get(wanted) ?? byName.get(wanted);
          if (matches && !found.has(wanted)) found.set(wanted, matches);
        }
      };
      const missing = () => connections.filter((wanted) => !found.has(wanted));
      take(await findByIds(connections.filter(isUuid)));
      const all = missing().length > 0 ? await listAll() : [];
      take(all);
      take(await findByIds(missing()));
      assertAllFound(missing(), all);
      assertUnambiguous(found);
      return connections.flatMap((wanted) => (found.get(wanted) ?? []).map(summarise));
    },

    /**
     * The active connections of a workspace that have a name of the pattern, and one of the tags, by name.
     *
     * @throws DomainError `AirbyteNotFound` when there are none, or there is no such tag or workspace;
     * `AirbyteUnavailable` when the list of connections cannot be read to its end;
     * `AirbyteUnsupported` when the server has no tags; `InvalidInput` when there are too many
     */
    async selectConnections({ workspace, namePattern, tags }: FleetSelection): Promise<FoundConnection[]> {
      const chosen = await findWorkspace(workspace === undefined ? {} : { workspace });
      const tagIds = tags && (await findTags(chosen, tags));
      // A fleet that lacks some of its connections would end as a success.
      const all = await airbyte.connections
        .list(chosen.workspaceId, { requireComplete: true })
        .catch((error: unknown) => {
          if (!(error instanceof AirbyteError && error.type === 'AirbyteUnsupported')) throw error;
          throw withAdvice(error, 'List the connections of the fleet by their ids instead of selecting them.');
        });
      const active = all.filter(({ status }) => status === undefined || status === 'active');
      const selected = active
        .filter(({ name }) => namePattern === undefined || matchesPattern(namePattern, name ?? ''))
        .filter((connection) => tagIds === undefined || tagIdsOf(connection).some((id) => tagIds.includes(id)))
        .map(summarise)
        .sort((one, other) => one.name.localeCompare(other.name, 'en'));
      const what = describeSelection(namePattern, tags);
      if (selected.length === 0) {
        throw new DomainError(
          'AirbyteNotFound',
          `The workspace '${chosen.name}' has no active connection${what}. It has: ${quoted(active.map(nameOf))}.`,
        );
      }
      if (selected.length > MAXIMUM_CONNECTIONS) {
        throw new DomainError(
          'InvalidInput',
          `select chooses ${selected.length} connections${what}, more than the ${MAXIMUM_CONNECTIONS} of a fleet. Make several fleets of them.`,
        );
      }
      return selected;
    },
  };
}

function groupByName(connections: Connection[]): Map<string, Connection[]> {
  const groups = new Map<string, Connection[]>();
  for (const connection of connections) {
    if (connection.name === undefined) continue;
    groups.set(connection.name, [...(groups.get(connection.name) ?? []), connection]);
  }
  return groups;
}

function assertAllFound(missing: string[], all: Connection[]): void {
  if (missing.length === 0) return;
  throw new DomainError(
    'AirbyteNotFound',
    `Airbyte has no connection with the id or name ${quoted(missing)}. It has: ${quoted(all.map(nameOf))}.`,
  );
}

function assertUnambiguous(found: ReadonlyMap<string, Connection[]>): void {
  const ambiguous = [...found].filter(([, matches]) => matches.length > 1);
  if (ambiguous.length === 0) return;
  const lines = ambiguous.map(
    ([name, matches]) =>
      `Several connections are named '${name}': ${matches.map((each) => each.connectionId).join(', ')}.`,
  );
  throw new DomainError(
    'AirbyteConflict',
    `${lines.slice(0, MAXIMUM_NAMES_IN_ERROR).join('\n')}\nGive the id of the one that is meant.`,
  );
}

function describeSelection(namePattern: string | undefined, tags: string[] | undefined): string {
  const name = namePattern === undefined ? '' : ` with a name of the pattern '${namePattern}'`;
  return tags === undefined ? name : `${name} with a tag ${quoted(tags)}`;
}

function summarise(connection: Connection): FoundConnection {
  const { connectionId, workspaceId } = connection;
  return { connectionId, name: nameOf(connection), ...(workspaceId !== undefined && { workspaceId }) };
}

function nameOf({ connectionId, name }: Connection): string {
  return shortenName(name ?? connectionId, 1);
}

/** `'crm', 'orders' and 3 more`; `nothing`. */
function quoted(names: string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, MAXIMUM_NAMES_IN_ERROR).map((name) => `'${name}'`);
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
