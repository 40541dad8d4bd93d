import { z } from 'zod';
import { uuid } from '../call';
import { createTag as create, tagFields, tagsOfWorkspaces, updateTag } from '../tags';
import { definePublicCall, type PublicCall, uuids } from './call';

export const listTags: PublicCall = definePublicCall(
  { query: z.object({ workspaceIds: uuids.default([]) }) },
  ({ query }, { store }) => ({ data: tagsOfWorkspaces(store, query.workspaceIds) }),
);

export const createTag: PublicCall = definePublicCall(
  { body: z.looseObject({ ...tagFields, workspaceId: uuid }) },
  ({ body }, { store }) => create(store, body),
);

export const getTag: PublicCall = definePublicCall({}, ({ id }, { store }) => store.tag(id('tagId')));

export const patchTag: PublicCall = definePublicCall({ body: z.looseObject(tagFields) }, ({ id, body }, { store }) =>
  updateTag(store, store.tag(id('tagId')), body),
);

export const deleteTag: PublicCall = definePublicCall({}, ({ id }, { store }) => {
  store.deleteTag(store.tag(id('tagId')).tagId);
  return undefined;
});
