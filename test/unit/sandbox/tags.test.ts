import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';

describe('tags', () => {
  let caller: ApiCaller;
  let workspaceId: string;
  beforeAll(async () => {
    caller = await startCaller();
    workspaceId = await caller.workspaceId();
  });
  afterAll(() => caller.sandbox.stop());

  const createTag = (name: string) => caller.call('tags/create', { workspaceId, name, color: 'FF5733' });

  it('are kept by workspace, and given with the connections that have them', async () => {
    const tag = await createTag('nightly');
    const other = await createTag('hourly');
    expect(await caller.call('tags/list', { workspaceId })).toEqual([tag, other]);
    const connectionId = await caller.simulatedConnection({}, { tags: [tag] });
    expect((await caller.call('connections/get', { connectionId })).tags).toEqual([tag]);
    await caller.call('connections/update', { connectionId, tags: [other] });
    const renamed = await caller.call('tags/update', { ...other, name: 'every hour' });
    expect((await caller.call('connections/get', { connectionId })).tags).toEqual([renamed]);
    await caller.call('tags/delete', { tagId: other.tagId, workspaceId });
    expect((await caller.call('connections/get', { connectionId })).tags).toEqual([]);
    expect(await caller.call('tags/list', { workspaceId })).toEqual([tag]);
  });

  it('choose connections in the list of the public API', async () => {
    const tag = await createTag('weekly');
    const connectionId = await caller.simulatedConnection({}, { tags: [tag] });
    await caller.simulatedConnection();
    const response = await fetch(new URL(`/api/public/v1/connections?tagIds=${tag.tagId}`, caller.sandbox.url));
    const { data } = (await response.json()) as { data: object[] };
    expect(data).toEqual([expect.objectContaining({ connectionId, tags: [tag] })]);
  });

  it('are rejected when the name is taken or too long, or the colour is none', async () => {
    await createTag('taken');
    const respond = async (name: string, color = 'FF5733') =>
      (await caller.request('tags/create', { workspaceId, name, color })).status;
    expect(await respond('taken')).toBe(409);
    expect(await respond('x'.repeat(31))).toBe(400);
    expect(await respond('red', 'red')).toBe(400);
  });

  it('that the workspace does not have cannot be given to a connection', async () => {
    const tag = { tagId: randomUUID(), workspaceId, name: 'unknown', color: 'FF5733' };
    const connectionId = await caller.simulatedConnection();
    expect((await caller.request('connections/update', { connectionId, tags: [tag] })).status).toBe(404);
  });

  it('are not there before 1.6', async () => {
    const old = await startCaller({ airbyteVersion: '1.0.0' });
    try {
      const { status, body } = await old.request('tags/list', { workspaceId: await old.workspaceId() });
      expect({ status, body }).toEqual({ status: 404, body: 'Object not found.' });
      const connectionId = await old.simulatedConnection();
      expect(await old.call('connections/get', { connectionId })).not.toHaveProperty('tags');
    } finally {
      await old.sandbox.stop();
    }
  });
});
