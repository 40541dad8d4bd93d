import { AirbyteError } from '../../airbyte/errors';
import { isUuid } from '../../airbyte/lookup/connection-by-id';
import { findWorkspaceById } from '../../airbyte/lookup/workspace-by-id';
import type { Workspaces } from '../../airbyte/resources';
import type { Workspace } from '../../airbyte/schemas';
import { DomainError } from '../../contract/domain-error';
import type { WorkspaceSummary } from '../../contract/workspace';
import type { ReconcileLogger } from '../ports';
import { Lookup, requireOnly } from './id-or-name';

const idAndNameOf = ({ workspaceId, name }: WorkspaceSummary) => ({ id: workspaceId, name });

/**
 * Finds a workspace by id or exact name. Without either, takes the only one, or the first and logs which one that is.
 *
 * @throws DomainError `AirbyteNotFound` when there is none; `AirbyteConflict` when several have the name
 */
export async function findWorkspace(
  workspaces: Workspaces,
  idOrName: string | undefined,
  logger: Pick<ReconcileLogger, 'warn'>,
): Promise<WorkspaceSummary> {
  const found = idOrName === undefined ? await workspaces.list() : await findWorkspaces(workspaces, idOrName);
  if (idOrName !== undefined) requireOnly(found, idAndNameOf, 'workspace', idOrName, 'Give the id instead.');
  const [first] = found;
  if (!first) {
    throw new DomainError('AirbyteNotFound', 'This Airbyte has no workspace, or none these credentials may see.');
  }
  if (found.length > 1) {
    logger.warn(`No workspace is named: taking the first of ${found.length}`, { workspace: first.name });
  }
  return first;
}

/**
 * Finds the workspace of an id, or all workspaces of an exact name. Credentials that cannot list workspaces may be able to read
 * one by its id.
 *
 * @throws DomainError `AirbyteNotFound` that names the existing workspaces, when there is none
 */
export async function findWorkspaces(workspaces: Workspaces, idOrName: string): Promise<readonly Workspace[]> {
  const listed = await workspaces.list().catch((error: unknown) => {
    if (!(error instanceof AirbyteError) || error.retryable) throw error;
    return undefined;
  });
  const matches = new Lookup(listed ?? [], idAndNameOf).byIdOrName(idOrName);
  if (matches.length > 0) return matches;
  const mayBeUnlistedId = listed === undefined || isUuid(idOrName);
  const unlisted = mayBeUnlistedId ? await findWorkspaceById(workspaces, idOrName) : undefined;
  if (unlisted) return [unlisted];
  const names = (listed ?? []).map(({ name }) => `'${name}'`).join(', ');
  throw new DomainError(
    'AirbyteNotFound',
    `Airbyte has no workspace with the id or name '${idOrName}'. It has: ${names || 'none that these credentials may list'}.`,
  );
}
