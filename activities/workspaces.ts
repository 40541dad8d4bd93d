import { log } from '@temporalio/activity';
import type { FoundWorkspace, WorkspaceSummary } from '../src/contract/workspace';
import { findWorkspace } from '../src/reconcile/lookup/workspaces';
import type { ActivityDependencies } from './dependencies';

export function workspaceActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { workspaces, webappUrl } = airbyte;
  return {
    async listWorkspaces(): Promise<WorkspaceSummary[]> {
      return (await workspaces.list()).map(summarise);
    },

    async getWorkspace({ workspaceId }: { workspaceId: string }): Promise<WorkspaceSummary> {
      return summarise(await workspaces.get(workspaceId));
    },

    /** Finds a workspace by id or exact name. Without either, takes the only one, or the first and logs which one that is. */
    async findWorkspace({ workspace }: { workspace?: string }): Promise<FoundWorkspace> {
      return { ...summarise(await findWorkspace(workspaces, workspace, log)), webappUrl };
    },
  };
}

function summarise({ workspaceId, name }: WorkspaceSummary): WorkspaceSummary {
  return { workspaceId, name };
}
