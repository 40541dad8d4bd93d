import { log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { isUuid } from '../src/airbyte/lookup/connection-by-id';
import { findWorkspaceById } from '../src/airbyte/lookup/workspace-by-id';
import { DomainError } from '../src/contract/domain-error';
import type { FoundWorkspace, WorkspaceSummary } from '../src/contract/workspace';
import type { ActivityDependencies } from './dependencies';

export function workspaceActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { webappUrl } = airbyte;
  const listWorkspaces = async (): Promise<WorkspaceSummary[]> => (await airbyte.workspaces.list()).map(summarise);

  return {
    listWorkspaces,

    async getWorkspace({ workspaceId }: { workspaceId: string }): Promise<WorkspaceSummary> {
      return summarise(await airbyte.workspaces.get(workspaceId));
    },

    /**
     * Finds a workspace by id or exact name. Without either it is the only one there is, else the first, and the log
     * says which.
     */
    async findWorkspace({ workspace }: { workspace?: string }): Promise<FoundWorkspace> {
      let isListed = true;
      const workspaces = await listWorkspaces().catch((error: unknown) => {
        // A server that lists none to these credentials may still know the one that is named by its id.
        if (workspace === undefined || !(error instanceof AirbyteError) || error.retryable) throw error;
        isListed = false;
        return [];
      });
      if (workspace === undefined) {
        const [first] = workspaces;
        if (!first)
          throw new DomainError('AirbyteNotFound', 'This Airbyte has no workspace, or none these credentials may see.');
        if (workspaces.length > 1) {
          log.warn(`No workspace is named: taking the first of ${workspaces.length}`, { workspace: first.name });
        }
        return { ...first, webappUrl };
      }
      const byId = workspaces.find(({ workspaceId }) => workspaceId === workspace);
      if (byId) return { ...byId, webappUrl };
      const [match, ...others] = workspaces.filter(({ name }) => name === workspace);
      if (!match) {
        const unlisted =
          isUuid(workspace) || !isListed ? await findWorkspaceById(airbyte.workspaces, workspace) : undefined;
        if (unlisted) return { ...summarise(unlisted), webappUrl };
        const names = workspaces.map(({ name }) => `'${name}'`).join(', ');
        throw new DomainError(
          'AirbyteNotFound',
          `There is no workspace '${workspace}'. There is: ${names || 'none that these credentials may list'}.`,
        );
      }
      if (others.length > 0) {
        const ids = [match, ...others].map(({ workspaceId }) => workspaceId).join(', ');
        throw new DomainError(
          'AirbyteConflict',
          `Several workspaces are named '${workspace}': ${ids}. Give the id instead.`,
        );
      }
      return { ...match, webappUrl };
    },
  };
}

function summarise({ workspaceId, name }: WorkspaceSummary): WorkspaceSummary {
  return { workspaceId, name };
}
