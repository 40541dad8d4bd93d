import { z } from 'zod';
import type { AirbyteBehaviour } from '../../state/airbyte-versions';
import type { Workspace } from '../../state/resources';
import { deleteWorkspace } from '../workspaces';
import { definePublicCall, flag, type PublicCall, uuids } from './call';
import { pageQuery, toPage, withoutOrder } from './pages';

/** The events that send notifications. */
const EVENTS = [
  ...(['failure', 'success', 'connectionUpdate', 'connectionUpdateActionRequired'] as const),
  ...(['syncDisabled', 'syncDisabledWarning'] as const),
];

const notification = z.object({
  email: z.object({ enabled: z.boolean().default(false) }).default({ enabled: false }),
  webhook: z.object({ enabled: z.boolean().default(false), url: z.string().optional() }).default({ enabled: false }),
});
const notifications = z.partialRecord(z.enum(EVENTS), notification);

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
  { body: z.looseObject({ name: z.string(), notifications: notifications.optional() }) },
  ({ body }, { store, behaviour }) => toRead(store.addWorkspace(body.name, body.notifications), behaviour),
);

export const getWorkspace: PublicCall = definePublicCall({}, ({ id }, { store, behaviour }) =>
  toRead(store.workspace(id('workspaceId')), behaviour),
);

/** Updates the given fields. */
export const patchWorkspace: PublicCall = definePublicCall(
  { body: z.looseObject({ name: z.string().optional(), notifications: notifications.optional() }) },
  ({ id, body }, { store, behaviour }) => {
    const workspace = store.workspace(id('workspaceId'));
    workspace.name = body.name ?? workspace.name;
    workspace.notifications = { ...workspace.notifications, ...body.notifications };
    return toRead(workspace, behaviour);
  },
);

export const removeWorkspace: PublicCall = definePublicCall({}, async ({ id }, context) => {
  await deleteWorkspace(context.store.workspace(id('workspaceId')), context);
  return undefined;
});

function toRead({ workspaceId, name, notifications }: Workspace, behaviour: AirbyteBehaviour): object {
  const read = { workspaceId, name, dataResidency: 'auto', notifications: withDefaults(notifications) };
  return behaviour.fieldsOf(read, { notifications: { since: '1.6.0' } });
}

/** By default, Airbyte sends mail for every event except a success. */
function withDefaults(given: Workspace['notifications']): object {
  const defaults = EVENTS.map((event) => {
    return [event, { email: { enabled: event !== 'success' }, webhook: { enabled: false } }] as const;
  });
  return { ...Object.fromEntries(defaults), ...given };
}
