import { z } from 'zod';
import type { Workspace } from '../store';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';

/** `workspaces/…`; `workspaces/list` only where the server is old enough to have it. */
export const workspaceCalls: ApiCalls = {
  'workspaces/list': defineCall(z.looseObject({}), (_, { store }) => ({
    workspaces: [...store.workspaces.values()].map(toRead),
  })),
  'workspaces/get': defineCall(z.looseObject({ workspaceId: uuid }), ({ workspaceId }, { store }) =>
    toRead(store.workspace(workspaceId)),
  ),
};

/** `GET /workspaces` of the public API, the way to list workspaces in servers that have no `workspaces/list`. */
export function listPublicWorkspaces({ store }: ApiContext, query: URLSearchParams, url: string): object {
  const wanted = query.getAll('workspaceIds').flatMap((ids) => ids.split(','));
  const all = [...store.workspaces.values()].filter(
    ({ workspaceId }) => wanted.length === 0 || wanted.includes(workspaceId),
  );
  const limit = boundedInteger(query.get('limit'), 20, 1, 100);
  const offset = boundedInteger(query.get('offset'), 0, 0, Number.MAX_SAFE_INTEGER);
  const page = (start: number) => `${url}?limit=${limit}&offset=${start}`;
  return {
    previous: offset > 0 ? page(Math.max(0, offset - limit)) : '',
    next: offset + limit < all.length ? page(offset + limit) : '',
    data: all.slice(offset, offset + limit).map(({ workspaceId, name }) => {
      return { workspaceId, name, dataResidency: 'auto', notifications: {} };
    }),
  };
}

function boundedInteger(text: string | null, fallback: number, least: number, most: number): number {
  const number = text === null ? fallback : Number.parseInt(text, 10);
  return Number.isNaN(number) ? fallback : Math.min(most, Math.max(least, number));
}

function toRead({ workspaceId, organizationId, name, slug }: Workspace): object {
  return {
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
}
