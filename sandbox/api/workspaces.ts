import { z } from 'zod';
import type { AirbyteBehaviour } from '../airbyte-versions';
import type { Workspace } from '../store';
import { type ApiCalls, defineCall, uuid } from './call';

/** `workspaces/…` */
export const workspaceCalls: ApiCalls = {
  'workspaces/list': defineCall(z.looseObject({}), (_, { store, behaviour }) => ({
    workspaces: [...store.workspaces.values()].map((workspace) => toRead(workspace, behaviour)),
  })),
  'workspaces/get': defineCall(z.looseObject({ workspaceId: uuid }), ({ workspaceId }, { store, behaviour }) =>
    toRead(store.workspace(workspaceId), behaviour),
  ),
};

function toRead({ workspaceId, organizationId, name, slug }: Workspace, behaviour: AirbyteBehaviour): object {
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
    notificationSettings: {},
    tombstone: false,
  };
  return behaviour.fieldsOf(read, { organizationId: { since: '0.63.0' }, tombstone: { since: '0.63.0' } });
}
