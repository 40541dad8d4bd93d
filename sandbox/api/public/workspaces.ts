import { z } from 'zod';
import type { AirbyteBehaviour } from '../../state/airbyte-versions';
import {
  mergePublicNotifications,
  publicNotifications,
  toPublicNotifications,
  withDefaults,
} from '../../state/notification-settings';
import type { Workspace } from '../../state/resources';
import { deleteWorkspace } from '../workspaces';
import { definePublicCall, flag, type PublicCall, uuids } from './call';
import { pageQuery, toPage, withoutOrder } from './pages';

export const listWorkspaces: PublicCall = definePublicCall(
  { query: z.object({ ...pageQuery, workspaceIds: uuids.default([]), includeDeleted: flag.default(false) }) },
  ({ query, url }, { store, behaviour }) => {
    const { workspaceIds, includeDeleted } = query;
    const all = [...store.workspaces.values(), ...(includeDeleted ? store.deletedWorkspaces : [])];
    const matching = all.filter(({ workspaceId }) => workspaceIds.length === 0 || workspaceIds.includes(workspaceId));
    const toWorkspaceRead = (workspace: Workspace) => toRead(workspace, behaviour);
    return toPage(withoutOrder(matching, query, store.random), query, {
      url,
      filters: { includeDeleted, workspaceIds },
      toRead: toWorkspaceRead,
    });
  },
);

export const createWorkspace: PublicCall = definePublicCall(
  { body: z.looseObject({ name: z.string(), notifications: publicNotifications.optional() }) },
  ({ body }, { store, behaviour }) =>
    toRead(
      store.addWorkspace(body.name, mergePublicNotifications(withDefaults({}), body.notifications ?? {})),
      behaviour,
    ),
);

export const getWorkspace: PublicCall = definePublicCall({}, ({ id }, { store, behaviour }) =>
  toRead(store.workspace(id('workspaceId')), behaviour),
);

/** Updates the given fields. */
export const patchWorkspace: PublicCall = definePublicCall(
  { body: z.looseObject({ name: z.string().optional(), notifications: publicNotifications.optional() }) },
  ({ id, body }, { store, behaviour }) => {
    const workspace = store.workspace(id('workspaceId'));
    workspace.name = body.name ?? workspace.name;
    const { notificationSettings } = workspace;
    workspace.notificationSettings = mergePublicNotifications(notificationSettings, body.notifications ?? {});
    return toRead(workspace, behaviour);
  },
);

export const removeWorkspace: PublicCall = definePublicCall({}, async ({ id }, context) => {
  await deleteWorkspace(context.store.workspace(id('workspaceId')), context);
  return undefined;
});

function toRead({ workspaceId, name, notificationSettings }: Workspace, behaviour: AirbyteBehaviour): object {
  const notifications = toPublicNotifications(notificationSettings);
  const read = { workspaceId, name, dataResidency: 'auto', notifications };
  return behaviour.fieldsOf(read, { notifications: { since: '1.6.0' } });
}
