import { beforeEach, describe, expect, it } from '@jest/globals';
import { useBench } from './activity-bench';
import { type Body, notFound } from './scripted-airbyte';

const bench = useBench();

const CREATED = { name: 'Shop → Lake', id: 'old', created: true };
const UNNAMED = { connectionId: 'old', name: 'Shop → Lake', pipeline: 'shop' };

let connection: Body;
let jobs: Body[];

beforeEach(() => {
  connection = { connectionId: 'old', name: 'Shop → Lake', status: 'active' };
  jobs = [];
  bench().airbyte.on({
    'connections/get': ({ connectionId }) => (connectionId === 'old' ? connection : notFound()),
    'connections/delete': () => ({}),
    'jobs/list': () => ({ jobs }),
  });
  bench().workflowsOfConnections['old'] = ['airbyte-pipeline:shop'];
});

const find = (keep: string[] = ['new']) => bench().run('findUnnamedConnections', { pipelines: ['shop'], keep });
const remove = () => bench().run('deleteUnnamedConnection', { connection: UNNAMED, pipelines: ['shop'] });
const deletions = () => bench().airbyte.bodies('connections/delete');

describe('a connection that no document names any more', () => {
  beforeEach(() => {
    bench().earlierMemos.push({ connection: { name: 'x', id: 'new' } }, { connection: CREATED });
  });

  it('is found when an earlier run of the pipeline has created it', async () => {
    expect(await find()).toEqual([{ ...UNNAMED, staysBecause: null }]);
    expect(deletions()).toEqual([]);
  });

  it('is deleted when that is asked for', async () => {
    expect(await remove()).toEqual({ ...UNNAMED, staysBecause: null });
    expect(deletions()).toEqual([{ connectionId: 'old' }]);
  });

  it('is none that a document names', async () => {
    expect(await find(['old', 'new'])).toEqual([]);
  });

  it.each([
    [
      'a job runs on it',
      () => jobs.push({ job: { id: 7, configType: 'sync', status: 'running' } }),
      /job 7 is running/,
    ],
    [
      'its job is in a state that is not known yet',
      () => jobs.push({ job: { id: 7, configType: 'sync', status: 'pondering' } }),
      /job 7 is running/,
    ],
    ['it has been renamed', () => Object.assign(connection, { name: 'Kept' }), /it has been renamed to 'Kept'/],
    [
      'another pipeline has it too',
      () => bench().workflowsOfConnections['old']?.push('airbyte-pipeline:other'),
      /airbyte-pipeline:other/,
    ],
  ])('stays, also when its deletion is asked for, while %s', async (_, happens, reason) => {
    happens();
    expect(await find()).toEqual([{ ...UNNAMED, staysBecause: expect.stringMatching(reason) }]);
    expect(await remove()).toMatchObject({ staysBecause: expect.stringMatching(reason) });
    expect(deletions()).toEqual([]);
  });

  it.each([
    ['is gone', () => bench().airbyte.on({ 'connections/get': notFound })],
    ['is shown as deleted', () => Object.assign(connection, { status: 'deprecated' })],
  ])('is none, and counts as deleted, when it %s', async (_, happens) => {
    happens();
    expect(await find()).toEqual([]);
    expect(await remove()).toEqual({ ...UNNAMED, staysBecause: null });
    expect(deletions()).toEqual([]);
  });
});

describe('a connection that an earlier run has found and not created', () => {
  it('is not ours to delete', async () => {
    bench().earlierMemos.push({ connection: { name: 'Shop → Lake', id: 'old' } });
    expect(await find()).toEqual([]);
  });
});
