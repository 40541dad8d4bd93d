import { z } from 'zod';
import type { AirbyteBehaviour } from '../../airbyte-versions';
import type { Workspace } from '../../store';
import { definePublicCall, flag, type PublicCall, uuids } from './call';
import { pageQuery, toPage, withoutOrder } from './pages';

export const listWorkspaces: PublicCall = definePublicCall(
  { query: z.object({ ...pageQuery, workspaceIds: uuids.default([]), includeDeleted: flag.default(false) }) },
  ({ query, url }, { store, behaviour }) => {
    const { workspaceIds, includeDeleted } = query;
    const wanted = [...store.workspaces.values()].filter(
      ({ workspaceId }) => workspaceIds.length === 0 || workspaceIds.includes(workspaceId),
    );
    const toWorkspaceRead = (workspace: Workspace) => toRead(workspace, behaviour);
    return toPage(withoutOrder(wanted, query, store.random), query, {
      url,
      filters: { includeDeleted, workspaceIds },
      toRead: toWorkspaceRead,
    });
  },
);

export const createWorkspace: PublicCall = definePublicCall(
  { body: z.looseObject({ name: z.string() }) },
  ({ body }, { store, behaviour }) => toRead(store.addWorkspace(body.name), behaviour),
);

export const getWorkspace: PublicCall = definePublicCall({}, ({ id }, { store, behaviour }) =>
  toRead(store.workspace(id('workspaceId')), behaviour),
);

function toRead({ workspaceId, name }: Workspace, behaviour: AirbyteBehaviour): object {
  const read = { workspaceId, name, dataResidency: 'auto', notifications: {} };
  return behaviour.fieldsOf(read, { notifications: { since: '1.6.0' } });
}
