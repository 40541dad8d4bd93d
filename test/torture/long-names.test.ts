import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../src/airbyte/schemas';
import { searchableName } from '../../src/contract/search-attribute-keys';
import { syncOptionsSchema } from '../../src/contract/sync-options';
import { toConnectionDocument } from '../../src/documents/connection-document';
import { parsePipelineDocument } from '../../src/documents/parse-document';
import { writeConnectionDocument } from '../../src/documents/write-connection-document';
import { toScheduleDefinition } from '../../src/schedules/schedule-definition';

const LONG = `Orders ${'é'.repeat(293)}`;
const WORDS = Array.from({ length: 60 }, (_, index) => `word${index % 10}`).join(' ');

const connectionOf = (connectionId: string, name: string): Connection => ({
  connectionId,
  name,
  syncCatalog: {
    streams: [{ stream: { name: LONG }, config: { syncMode: 'full_refresh', destinationSyncMode: 'append' } }],
  },
});
const written = (connectionId: string, name: string, actor: string) =>
  toConnectionDocument({
    connection: connectionOf(connectionId, name),
    source: {
      name: actor,
      definition: 'Postgres',
      configuration: { password: '**********', [`a_${'very_'.repeat(60)}long_password`]: '**********' },
    },
    destination: { name: actor, definition: 'S3', configuration: { password: '**********' } },
  });

describe('a connection whose names have 300 characters', () => {
  it.each([LONG, WORDS.slice(0, 300).trim()])('is imported under its own names: %s', (name) => {
    const parsed = parsePipelineDocument(writeConnectionDocument(written('c-1', name, name), 'Airbyte'));
    expect(parsed).toMatchObject({ source: { name }, destination: { name }, connection: { name } });
    expect(parsed.name.length).toBeLessThanOrEqual(200);
  });

  it('has a document of another name than one that begins alike', () => {
    const names = ['3f2504e0-1', '7a74bb12-2'].map((id) => written(id, `${WORDS} ${id}`, 'shop').document['name']);
    expect(names[0]).toMatch(/^word0-word1-.*-3f2504e0$/);
    expect(new Set(names).size).toBe(2);
  });

  it('has secrets with names that fit, each its own', () => {
    const { secrets } = written('c-1', WORDS, WORDS);
    const names = secrets.map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^SECRET_WORD0_[A-Z0-9_]{1,190}PASSWORD(_\d)?$/);
  });

  it('is searched for by as much of its name as databases keep', () => {
    expect([...searchableName(LONG)]).toHaveLength(255);
    const { typedSearchAttributes } = toScheduleDefinition({
      connection: { connectionId: 'c-1', name: LONG, workspaceId: 'w' },
      schedule: {
        ...{ by: 'temporal', every: '6h', overlap: 'skip', catchUpWindow: '1m', pauseOnFailure: false },
        sync: syncOptionsSchema().parse({}),
      },
      taskQueue: 'airbyte',
    } as Parameters<typeof toScheduleDefinition>[0]);
    expect(JSON.stringify(typedSearchAttributes)).toContain(searchableName(LONG));
    expect(JSON.stringify(typedSearchAttributes)).not.toContain(LONG);
  });
});
