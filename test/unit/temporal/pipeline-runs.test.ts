import { describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { defaultDataConverter, toPayloads } from '@temporalio/common';
import type { ObjectMemo } from '../../../src/contract/object-memo';
import { PipelineRuns } from '../../../src/temporal/pipeline-runs';

const EARLIER = '2026-03-01T00:00:00.000Z';
const LATER = '2026-03-02T00:00:00.000Z';

/** A run of a pipeline, the newest first. */
interface Run {
  pipeline: string;
  /** Default: that of the pipeline. */
  workflowId?: string;
  source?: ObjectMemo;
}

const source = (changedAt?: string, id = 's'): ObjectMemo => ({ name: 'shop', id, ...(changedAt && { changedAt }) });

function runsOf(runs: readonly Run[]) {
  const queries: string[] = [];
  const list = async function* ({ query }: { query: string }) {
    queries.push(query);
    for (const [index, { pipeline, workflowId = `airbyte-pipeline:${pipeline}`, source: noted }] of runs.entries()) {
      yield { workflowId, runId: String(index), taskQueue: 'airbyte', memo: noted ? { source: noted } : {} };
    }
  };
  const documentOf = (name: string) => ({
    name,
    source: { name: 'shop', definition: 'Postgres', configuration: {} },
    destination: { name: 'lake', definition: 'S3', configuration: {} },
    connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
  });
  const getWorkflowExecutionHistory = async ({ execution }: { execution: { runId: string } }) => {
    const input = documentOf(runs[Number(execution.runId)]?.pipeline ?? '');
    const payloads = toPayloads(defaultDataConverter.payloadConverter, input);
    return { history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }] } };
  };
  const client = {
    ...{ workflow: { list }, workflowService: { getWorkflowExecutionHistory } },
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
  } as unknown as Client;
  const options = { workflowIds: ['airbyte-pipeline:own'], taskQueue: 'airbyte', log: { warn: () => undefined } };
  const find = (own?: ObjectMemo, connectionIds = ['c']) =>
    new PipelineRuns(client, options).findManager({ kind: 'source', id: 's', connectionIds }, 'own', own);
  return { find, queries };
}

describe('the other pipeline that manages an object', () => {
  it('is the one that changed it last', async () => {
    const { find } = runsOf([
      { pipeline: 'other', source: source(LATER) },
      { pipeline: 'third', source: source(EARLIER) },
      { pipeline: 'own', source: source(EARLIER) },
    ]);
    expect(await find(source(EARLIER))).toBe('other');
  });

  it('is none when the pipeline that asks changed it last, whatever its workflows are called', async () => {
    const scheduled = { pipeline: 'own', workflowId: 'airbyte-pipeline:own-2026-03-02', source: source(LATER) };
    const { find } = runsOf([scheduled, { pipeline: 'other', source: source(EARLIER) }]);
    expect(await find()).toBeUndefined();
  });

  it('is one that only uses it, unless the pipeline that asks uses it too', async () => {
    const { find } = runsOf([{ pipeline: 'other', source: source() }]);
    expect(await find()).toBe('other');
    expect(await find(source())).toBeUndefined();
    // The pipeline that asks had another source of that name.
    expect(await find(source(LATER, 'gone'))).toBe('other');
  });

  it('is none that has another object by now', async () => {
    const { find } = runsOf([
      { pipeline: 'other' },
      { pipeline: 'other', source: source(LATER, 'another') },
      { pipeline: 'other', source: source(EARLIER) },
    ]);
    expect(await find()).toBeUndefined();
  });

  it('is searched for by the connections of the object, few in each query', async () => {
    const { find, queries } = runsOf([]);
    await find(
      undefined,
      Array.from({ length: 120 }, (_, index) => `c-${index}`),
    );
    expect(queries).toHaveLength(3);
    expect(queries[2]).toContain("'c-119'");
    queries.length = 0;
    expect(await find(undefined, [])).toBeUndefined();
    expect(queries).toEqual([]);
  });
});
