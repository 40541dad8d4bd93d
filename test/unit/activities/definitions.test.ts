import { describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from './activity-bench';

const bench = useBench();

const NAMES = [
  'AlloyDB for PostgreSQL',
  'Postgres',
  'S3',
  'S3 Data Lake',
  'S3 Glue',
  'REST API',
  'Custom',
  'Custom',
  'File',
];

describe.each([
  { kind: 'source', field: 'sourceDefinition', activity: 'findSourceDefinition' },
  { kind: 'destination', field: 'destinationDefinition', activity: 'findDestinationDefinition' },
] as const)('$activity', ({ kind, field, activity }) => {
  /** The definitions `id-0`, `id-1`… of the names above, on a server that has only one list of them. */
  function find(definition: string) {
    const definitions = NAMES.map((name, index) => ({ [`${field}Id`]: `id-${index}`, name, releaseStage: 'ga' }));
    bench().airbyte.on({ [`${kind}_definitions/list`]: () => ({ [`${field}s`]: definitions }) });
    return bench().run(activity, { workspaceId: 'w', definition });
  }

  it.each([
    ['its id', 'id-0', 'AlloyDB for PostgreSQL'],
    ['its exact name, whatever else begins like it', 'S3', 'S3'],
    ['its name without regard to case', 'rest api', 'REST API'],
    ['its name without regard to case, before others that hold it', 'postgres', 'Postgres'],
    ['a part of its name that no other has', 'data lake', 'S3 Data Lake'],
  ])('finds a definition by %s', async (_, desired, name) => {
    expect(await find(desired)).toMatchObject({ name });
  });

  it.each([
    ['a part of several names', 's3 ', 'S3 Data Lake (id-3), S3 Glue (id-4)'],
    ['a name that two have', 'Custom', 'Custom (id-6), Custom (id-7)'],
  ])('rejects %s, and names those that match', async (_, desired, matches) => {
    const failure = await failureOf(find(desired));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain(matches);
  });

  it('says how to list the definitions when none matches', async () => {
    const failure = await failureOf(find('Postgresql Server'));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain(`temporal-airbyte list ${kind}-definitions`);
  });
});

describe('the other activities of definitions', () => {
  it('give what the API gives', async () => {
    const postgres = { name: 'Postgres', dockerRepository: 'airbyte/source-postgres', dockerImageTag: '3.7.0' };
    const summary = { definitionId: 'd', ...postgres };
    bench().airbyte.on({
      'source_definitions/get': () => ({ sourceDefinitionId: 'd', ...postgres }),
      'source_definitions/list_for_workspace': () => ({
        sourceDefinitions: [{ sourceDefinitionId: 'd', ...postgres }],
      }),
      'destination_definitions/get_for_workspace': () => ({ destinationDefinitionId: 'd', ...postgres }),
      'destination_definitions/list_for_workspace': () => ({
        destinationDefinitions: [{ destinationDefinitionId: 'd', ...postgres }],
      }),
    });
    expect(await bench().run('getSourceDefinition', { sourceDefinitionId: 'd' })).toEqual(summary);
    expect(await bench().run('listSourceDefinitions', { workspaceId: 'w' })).toEqual([summary]);
    const inWorkspace = { destinationDefinitionId: 'd', workspaceId: 'w' };
    expect(await bench().run('getDestinationDefinition', inWorkspace)).toEqual(summary);
    expect(await bench().run('listDestinationDefinitions', { workspaceId: 'w' })).toEqual([summary]);
  });
});
