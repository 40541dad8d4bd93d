/** A connector of a connectors file is a connector like any other, to both APIs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConnectorsFile } from '../../sandbox/connectors/connectors-file';
import { startSandbox } from '../../sandbox/server';
import { FAKE_CONNECTOR } from '../support/fake-connections';
import { PublicCaller } from '../unit/sandbox/public-caller';

const command = [process.execPath, FAKE_CONNECTOR];
const DEFINITION_ID = 'dfd88b22-b603-4c3d-aad7-3701784586b1';
const CONNECTORS = {
  'My Faker': command,
  Faker: {
    command,
    definitionId: DEFINITION_ID.toUpperCase(),
    image: 'registry.example:5000/source-faker:7.2.1',
    publicName: 'fake-data',
  },
  Docker: ['docker', 'run', '--rm', '-i', 'airbyte/source-pokeapi:0.3.1'],
  Postgres: `${command.join(' ')}`,
};

let folder: string;
let caller: PublicCaller;
const start = async (connectors: object): Promise<PublicCaller> => {
  const connectorsFile = path.join(folder, 'connectors.json');
  await writeFile(connectorsFile, JSON.stringify(connectors));
  return new PublicCaller(await startSandbox({ connectorsFile, dataDir: folder }));
};
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'connectors-file-'));
  caller = await start(CONNECTORS);
});
afterAll(async () => {
  await caller.sandbox.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Shown {
  name: string;
  [field: string]: unknown;
}
const named = (name: string, definitions: Shown[]) => definitions.findLast((definition) => definition.name === name);

describe('a connector of a connectors file', () => {
  it.each([
    ['as the file says', 'Faker', 'registry.example:5000/source-faker', '7.2.1'],
    ['as its command says', 'Docker', 'airbyte/source-pokeapi', '0.3.1'],
    ['as its name says', 'My Faker', 'sandbox/source-my-faker', 'local'],
  ])('has an id and an image, the same in both APIs, %s', async (_title, name, dockerRepository, dockerImageTag) => {
    const { sourceDefinitions } = await caller.call('source_definitions/list');
    const shown = named(name, sourceDefinitions);
    expect(shown).toMatchObject({ name, dockerRepository, dockerImageTag });
    const workspaceId = await caller.workspaceId();
    const { data } = await caller.get(`GET workspaces/${workspaceId}/definitions/sources`);
    expect(named(name, data)).toMatchObject({
      id: shown?.['sourceDefinitionId'],
      name,
      dockerRepository,
      dockerImageTag,
    });
  });

  it('has the id that the file gives, in small letters, or one that is the same in every sandbox', async () => {
    expect(await caller.definitionId('source', 'Faker')).toBe(DEFINITION_ID);
    const other = await start({ 'My Faker': ['another', 'command'] });
    try {
      const ids = await Promise.all([caller, other].map((each) => each.definitionId('source', 'My Faker')));
      expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
      expect(ids[1]).toBe(ids[0]);
    } finally {
      await other.sandbox.stop();
    }
  });

  it.each([
    ['Faker', 'fake-data'],
    ['My Faker', 'my-faker'],
  ])('is made and shown by its public name: %s is %s', async (name, sourceType) => {
    const definitionId = await caller.definitionId('source', name);
    const workspaceId = await caller.workspaceId();
    const created = await caller.get('POST sources', { name, workspaceId, configuration: { sourceType } });
    expect(created).toMatchObject({ sourceType, definitionId });
    expect(await caller.get(`GET sources/${created.sourceId}`)).toMatchObject({ sourceType, definitionId });
  });

  it('is read from the example of the guide', async () => {
    const guide = await readFile(path.join(__dirname, '..', '..', 'docs', 'sandbox.md'), 'utf8');
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(guide) ?? [];
    const file = path.join(folder, 'example.json');
    await writeFile(file, example);
    expect(await readConnectorsFile(file, [])).toMatchObject([
      { name: 'Faker', dockerRepository: 'airbyte/source-faker', dockerImageTag: '7.2.1', publicName: 'faker' },
      { name: 'Mine', dockerRepository: 'example/source-mine', dockerImageTag: '1.0.0', publicName: 'mine' },
    ]);
  });

  it('does not take the public name of a built-in one from it', async () => {
    const configuration = { sourceType: 'postgres', host: 'db', port: 5432, database: 'shop', username: 'u' };
    const workspaceId = await caller.workspaceId();
    const created = await caller.get('POST sources', { name: 'shop', workspaceId, configuration });
    expect(created.definitionId).toBe('decd338e-5647-4c0b-adf4-da0e75f5a750');
  });

  it.each([
    [
      'the id of another one',
      { Mine: { command, definitionId: 'decd338e-5647-4c0b-adf4-da0e75f5a750' } },
      'definitionId as Postgres',
    ],
    ['the public name of another one', { Mine: { command, publicName: 'postgres' } }, 'publicName as Postgres'],
    ['an id that is none', { Mine: { command, definitionId: 'faker' } }, 'definitionId'],
    ['an image that is none', { Mine: { command, image: 'two words' } }, 'must be an image'],
  ])('is rejected with %s', async (_title, connectors, reason) => {
    await expect(start(connectors)).rejects.toThrow(reason);
  });
});

describe('an id in capitals', () => {
  it('is the same id, to both APIs, as it is to Java', async () => {
    const workspaceId = (await caller.workspaceId()).toUpperCase();
    const sourceDefinitionId = DEFINITION_ID.toUpperCase();
    const request = { workspaceId, sourceDefinitionId, connectionConfiguration: {}, name: 'capitals' };
    const { sourceId } = await caller.call('sources/create', request);
    expect(await caller.call('sources/get', { sourceId: sourceId.toUpperCase() })).toMatchObject({ sourceId });
    expect(await caller.get(`GET sources/${sourceId.toUpperCase()}`)).toMatchObject({ sourceId });
    const { data } = await caller.get(`GET sources?workspaceIds=${workspaceId}`);
    expect(data.map((source: { sourceId: string }) => source.sourceId)).toContain(sourceId);
  });
});
