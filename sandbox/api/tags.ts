import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Tag } from '../state/resources';
import type { Store } from '../state/store';
import { type ApiCalls, defineCall, uuid } from './call';
import { Problem } from './problems';

const LONGEST_NAME = 30;
const COLOR = /^[0-9a-f]{6}$/i;

/** A tag in a connection's request. Only its id matters. */
export const tagSchema = z.object({ tagId: uuid, workspaceId: uuid, name: z.string(), color: z.string() });

/** The fields of a tag that callers of both APIs set. */
export const tagFields = { name: z.string(), color: z.string() };

/** `tags/…` */
export const tagCalls: ApiCalls = {
  'tags/list': defineCall(z.looseObject({ workspaceId: uuid }), ({ workspaceId }, { store }) =>
    tagsOfWorkspaces(store, [store.workspace(workspaceId).workspaceId]),
  ),
  'tags/create': defineCall(z.looseObject({ workspaceId: uuid, ...tagFields }), (request, { store }) =>
    createTag(store, request),
  ),
  'tags/update': defineCall(
    z.looseObject({ tagId: uuid, workspaceId: uuid, ...tagFields }),
    ({ tagId, workspaceId, ...changes }, { store }) => updateTag(store, store.tag(tagId, workspaceId), changes),
  ),
  'tags/delete': defineCall(z.looseObject({ tagId: uuid, workspaceId: uuid }), ({ tagId, workspaceId }, { store }) => {
    const tag = store.tag(tagId, workspaceId);
    store.deleteTag(tagId);
    return tag;
  }),
};

/** The tags of these workspaces, or of all workspaces if none is given. */
export function tagsOfWorkspaces({ tags }: Store, workspaceIds: readonly string[]): Tag[] {
  return [...tags.values()].filter(
    ({ workspaceId }) => workspaceIds.length === 0 || workspaceIds.includes(workspaceId),
  );
}

/** @throws NotFoundError, Problem */
export function createTag(store: Store, { workspaceId, name, color }: Omit<Tag, 'tagId'>): Tag {
  const tag = { tagId: randomUUID(), workspaceId: store.workspace(workspaceId).workspaceId, name, color };
  assertValidTag(store, tag);
  store.tags.set(tag.tagId, tag);
  return tag;
}

/** @throws Problem */
export function updateTag(store: Store, tag: Tag, { name, color }: Pick<Tag, 'name' | 'color'>): Tag {
  assertValidTag(store, { ...tag, name, color });
  return Object.assign(tag, { name, color });
}

function assertValidTag(store: Store, { tagId, workspaceId, name, color }: Tag): void {
  if (name.length > LONGEST_NAME) throw new Problem('bad-request', { message: 'The name of the tag is too long.' });
  if (!COLOR.test(color)) throw new Problem('bad-request', { message: 'The color is not a hexadecimal value.' });
  const others = tagsOfWorkspaces(store, [workspaceId]).filter((tag) => tag.tagId !== tagId);
  if (others.some((tag) => tag.name === name)) {
    throw new Problem('state-conflict', { message: 'A tag of this name already exists.' });
  }
}
