import { describe, expect, it } from '@jest/globals';
import { airbyte, client, warnings } from '../unit/airbyte/scripted-client';

function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}
const DEEP = nested(500);
const VERY_DEEP = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;

describe('a response that is nested deeply', () => {
  it('fails with a non-retryable error, with the field, where it is a source', async () => {
    airbyte.respond({ 'sources/get': { sourceId: 's', name: 'shop', connectionConfiguration: DEEP } });
    await expect(client.sources.get('s')).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/connectionConfiguration: is nested more than 200 levels deep/),
    });
  });

  it('fails with a non-retryable error where it is a catalog', async () => {
    const stream = { name: 'orders', jsonSchema: DEEP };
    airbyte.respond({ 'sources/discover_schema': { catalog: { streams: [{ stream }] } } });
    await expect(client.sources.discoverSchema('s')).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/jsonSchema: is nested more than 200 levels deep/),
    });
  });

  it('hides no other item of a list', async () => {
    const good = { sourceId: 's-1', name: 'shop' };
    airbyte.respond({
      'sources/list': { sources: [good, { sourceId: 's-2', name: 'deep', connectionConfiguration: DEEP }] },
    });
    const listed = await client.sources.list('w');
    expect(listed.map(({ name }) => name)).toEqual(['shop', 'deep']);
    expect(warnings.join()).toMatch(/'deep' \(s-2\) cannot be read \(connectionConfiguration: is nested/);
  });

  it('fails with a non-retryable error where it is deeper than anything of Airbyte', async () => {
    airbyte.script = () => ({ body: `{"sources":[{"sourceId":"s-1","name":"shop","odd":${VERY_DEEP}}]}` });
    await expect(client.sources.list('w')).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/the response is nested deeper than 1000 levels/),
    });
  });
});
