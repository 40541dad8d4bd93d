import { z } from 'zod';
import { deleteActor } from '../state/actor-changes';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { notificationSettings, withDefaults } from '../state/notification-settings';
import type { Workspace } from '../state/resources';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { deleteConnection } from './connections';

const byId = z.looseObject({ workspaceId: uuid });

const get = defineCall(byId, ({ workspaceId }, { store, behaviour }) =>
  toRead(store.workspace(workspaceId), behaviour),
);

const update = z.looseObject({
  workspaceId: uuid,
  name: z.string().optional(),
  notificationSettings: notificationSettings.optional(),
});

/** Changes the given fields. Unlike the public API, it replaces the notification settings as a whole. */
const change = defineCall(update, ({ workspaceId, ...changes }, { store, behaviour }) => {
  const workspace = store.workspace(workspaceId);
  workspace.name = changes.name ?? workspace.name;
  workspace.notificationSettings = withDefaults(changes.notificationSettings ?? workspace.notificationSettings);
  return toRead(workspace, behaviour);
});

/** `workspaces/…` */
export const workspaceCalls: ApiCalls = {
  'workspaces/list': defineCall(z.looseObject({}), (_, { store, behaviour }) => ({
    workspaces: [...store.workspaces.values()].map((workspace) => toRead(workspace, behaviour)),
  })),

  'workspaces/create': defineCall(z.looseObject({ name: z.string() }), ({ name }, { store, behaviour }) =>
    toRead(store.addWorkspace(name), behaviour),
  ),

  'workspaces/get': get,

  'workspaces/get_by_connection_id': defineCall(
    z.looseObject({ connectionId: uuid }),
    ({ connectionId }, { store, behaviour }) =>
      toRead(store.workspace(store.connection(connectionId).workspaceId), behaviour),
  ),

  'workspaces/update': change,
  'workspaces/update_name': change,

  'workspaces/delete': defineCall(byId, async ({ workspaceId }, context) => {
    await deleteWorkspace(context.store.workspace(workspaceId), context);
    return undefined;
  }),
};

/** Deletes a workspace together with its resources. */
export async function deleteWorkspace(workspace: Workspace, context: ApiContext): Promise<void> {
  const { store } = context;
  const isOfIt = ({ workspaceId }: { workspaceId: string }) => workspaceId === workspace.workspaceId;
  const connections = [...store.connections.values()].filter(isOfIt);
  await Promise.all(connections.map((connection) => deleteConnection(connection, context)));
  for (const actor of [...store.actors.values()].filter(isOfIt)) deleteActor(actor);
  store.deleteWorkspace(workspace);
}

function toRead(
  { workspaceId, organizationId, name, slug, ...workspace }: Workspace,
  behaviour: AirbyteBehaviour,
): object {
  const read = {
    workspaceId,
    customerId: workspaceId,
    organizationId,
    name,
    slug,
    initialSetupComplete: true,
    displaySetupWizard: false,
    anonymousDataCollection: false,
    news: false,
    securityUpdates: false,
    notifications: [],
    notificationSettings: behaviour.fieldsOf(workspace.notificationSettings, {
      sendOnBreakingChangeWarning: { since: '0.63.0' },
      sendOnBreakingChangeSyncsDisabled: { since: '0.63.0' },
    }),
    tombstone: false,
  };
  return behaviour.fieldsOf(read, { organizationId: { since: '0.63.0' }, tombstone: { since: '0.63.0' } });
}
