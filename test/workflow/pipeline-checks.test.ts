import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { FailureType } from '../../src/contract/failure-types';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { pipelineProgressQuery, type runPipeline } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { airbyteFailure } from './scripted-airbyte';
import { NEW_PIPELINE, UNCHANGED_PIPELINE } from './scripted-pipeline';

const TASK_QUEUE = 'pipeline-checks';

const document: PipelineDocumentInput = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: { password: '$' + '{env:SECRET_SHOP_PASSWORD}' } },
  destination: { name: 'lake', definition: 'S3', configuration: { s3_bucket_name: 'lake' } },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
  sync: false,
};

const CHANGED_SOURCE = {
  ...{ action: 'change' as const, name: 'shop', id: 'source' },
  changes: [{ field: 'configuration.host', from: 'old', to: 'db' }],
};

describe('runPipeline', () => {
  let env: TestWorkflowEnvironment;
  /** The activities that were called, with `, sent again` where a configuration was. */
  let calls: string[];

  beforeAll(async () => {
    env = await timeSkippingTemporal();
  });
  afterAll(() => env?.teardown());
  beforeEach(() => {
    calls = [];
  });

  async function run(activities: Partial<Activities>, input = document) {
    const recorded = Object.entries(activities).map(([name, activity]) => [
      name,
      (argument: { update?: boolean }) => {
        calls.push(argument.update === true ? `${name}, sent again` : name);
        return (activity as (argument: unknown) => Promise<unknown>)(argument);
      },
    ]);
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      activities: Object.fromEntries(recorded),
    });
    return worker.runUntil(async () => {
      const handle = await env.client.workflow.start<typeof runPipeline>('runPipeline', {
        ...{ workflowId: uniqueName('airbyte-pipeline:shop'), taskQueue: TASK_QUEUE, args: [input] },
      });
      const result = await handle.result().catch(() => undefined);
      const isFailed = (await handle.describe()).status.name === 'FAILED';
      return {
        result,
        failure: isFailed ? await failureOf(handle) : undefined,
        progress: await handle.query(pipelineProgressQuery),
        memo: (await handle.describe()).memo,
      };
    });
  }

  const refused = async () => {
    throw airbyteFailure('AirbyteCheckFailed', 'The source failed its connection check: wrong password');
  };
  const unsupported = async () => {
    throw airbyteFailure('AirbyteUnsupported', 'The public API has no check.');
  };
  const changing = () => calls.filter((call) => call.startsWith('apply'));

  describe('before it changes anything', () => {
    it('checks both configurations and the streams, and then says what it has created', async () => {
      const { result, memo } = await run(NEW_PIPELINE);
      expect(changing().toSorted()).toEqual(['applyConnection', 'applyDestination', 'applySource']);
      expect(calls.indexOf('prepareConnection')).toBeLessThan(calls.indexOf('applySource'));
      expect(
        Math.max(...['Source', 'Destination'].map((kind) => calls.indexOf(`check${kind}Configuration`))),
      ).toBeLessThan(calls.indexOf('prepareConnection'));
      expect(result).toMatchObject({
        created: { source: true, destination: true, connection: true },
        applied: { source: { action: 'create', id: 'source' }, counts: { create: 3, change: 0, delete: 0 } },
      });
      expect(memo).toMatchObject({ source: { id: 'source', created: true, changedAt: expect.any(String) } });
    });

    it.each<[string, Partial<Activities>]>([
      ['configuration of the source', { checkSourceConfiguration: refused }],
      ['configuration of the destination', { checkDestinationConfiguration: refused }],
      ['streams', { prepareConnection: async () => Promise.reject(airbyteFailure('InvalidInput', 'no such stream')) }],
    ])('fails for the %s', async (_what, failing) => {
      const { failure } = await run({ ...NEW_PIPELINE, ...failing });
      expect(failure?.message).toMatch(/wrong password|no such stream/);
      expect(changing()).toEqual([]);
    });

    it('fails for an object that another pipeline manages, unless the document takes it over', async () => {
      const managed = { ...UNCHANGED_PIPELINE, planSource: async () => ({ ...CHANGED_SOURCE, managedBy: 'other' }) };
      const { failure } = await run(managed);
      expect(failure).toMatchObject({ type: 'AirbyteConflict', details: [{ managedBy: 'other' }] });
      expect(failure?.message).toMatch(/pipeline 'other' manages it.*--take-over/s);
      expect(changing()).toEqual([]);
      const { result, progress } = await run(managed, { ...document, takeOver: true });
      expect(progress.notes).toContain("Takes over the source 'shop' from the pipeline 'other'.");
      expect(result?.applied.source).toMatchObject({ action: 'change', changes: CHANGED_SOURCE.changes });
    });
  });

  it('leaves what is as desired, without a call that could change it', async () => {
    const noted = { unkept: ['digest'], changedAt: '2026-01-01T00:00:00.000Z' };
    const planSource = async () => ({ ...(await UNCHANGED_PIPELINE.planSource()), noted });
    const { result, memo, progress } = await run({ ...UNCHANGED_PIPELINE, planSource });
    expect(changing()).toEqual(['applyConnection']);
    expect(result?.applied.counts).toEqual({ create: 0, change: 0, delete: 0 });
    expect(memo).toMatchObject({ source: { name: 'shop', id: 'source', ...noted } });
    expect(memo?.['destination']).toEqual({ name: 'lake', id: 'destination' });
    // An apply has no step for a sync, which would be ticked.
    expect(progress.sync).toBeNull();
  });

  it('says field by field what it has changed', async () => {
    const { result, progress } = await run({ ...UNCHANGED_PIPELINE, planSource: async () => CHANGED_SOURCE });
    expect(changing()).toEqual(['applySource', 'applyConnection']);
    expect(result?.applied).toMatchObject({
      source: { action: 'change', id: 'source', changes: CHANGED_SOURCE.changes },
      destination: { action: 'leave' },
      counts: { create: 0, change: 1, delete: 0 },
    });
    expect(progress.applied?.source?.changes).toEqual(CHANGED_SOURCE.changes);
  });

  it('sends the configuration again when only that of the document passes the check: a secret has changed', async () => {
    const { result } = await run({ ...UNCHANGED_PIPELINE, checkSource: refused });
    expect(changing()).toEqual(['applySource, sent again', 'applyConnection']);
    expect(result?.applied.source).toMatchObject({ action: 'change', changes: [{ field: 'configuration' }] });
  });

  it('sends nothing again when the configuration of the document fails, too', async () => {
    const { failure } = await run({
      ...UNCHANGED_PIPELINE,
      ...{ checkSource: refused, checkSourceConfiguration: refused },
    });
    expect(failure).toMatchObject({ type: 'AirbyteCheckFailed' });
    expect(changing()).toEqual([]);
  });

  describe('when it fails after it has changed something, says what stays changed', () => {
    const CHANGED_PIPELINE = { ...UNCHANGED_PIPELINE, planSource: async () => CHANGED_SOURCE };
    const saved = "The run failed after it had changed the source 'shop' (configuration.host)";
    const failing = (type: FailureType, reason: string, detail?: unknown) => async () => {
      throw ApplicationFailure.nonRetryable(reason, type, ...(detail === undefined ? [] : [detail]));
    };

    it.each<[string, Partial<Activities>, string]>([
      [
        'when the connection is rejected',
        { applyConnection: failing('AirbyteInvalidRequest', 'rejected') },
        `${saved}, and put nothing back: rejected`,
      ],
      [
        'and that it deleted a schedule in Temporal',
        {
          applyConnection: failing('AirbyteInvalidRequest', 'rejected', { removedSchedule: 'airbyte-schedule:orders' }),
        },
        `${saved}, deleted the schedule in Temporal 'airbyte-schedule:orders', and put nothing back: rejected`,
      ],
      [
        'and what it may have changed',
        {
          planDestination: async () => ({ action: 'create', name: 'lake', id: null, changes: [] }),
          applyDestination: failing('AirbyteUnavailable', '502 Bad Gateway'),
        },
        `${saved}, perhaps created the destination 'lake', and put nothing back: 502 Bad Gateway`,
      ],
    ])('%s', async (_when, activities, message) => {
      const { failure, progress } = await run({ ...CHANGED_PIPELINE, ...activities });
      expect(failure?.message).toBe(message);
      expect(progress).toMatchObject({ phase: 'failed', failure: { message } });
    });

    it('in a note when it was cancelled', async () => {
      const applyConnection = async (): Promise<never> => {
        const { info, heartbeat, sleep } = Context.current();
        await env.client.workflow.getHandle(info.workflowExecution?.workflowId ?? '').cancel();
        for (;;) {
          heartbeat();
          await sleep(20);
        }
      };
      const { progress } = await run({ ...CHANGED_PIPELINE, applyConnection });
      const note = `${saved.replace('failed', 'was cancelled')}, and put nothing back.`;
      expect(progress).toMatchObject({ phase: 'cancelled', notes: [note] });
    });

    it('not when only the sync fails, since the document is applied', async () => {
      const { failure } = await run(
        { ...CHANGED_PIPELINE, findLastJob: failing('AirbyteNotFound', 'gone') },
        {
          ...document,
          sync: {},
        },
      );
      expect(failure?.message).not.toContain('put nothing back');
    });
  });

  describe('on an Airbyte that checks and reads only what is saved', () => {
    const notBefore = {
      ...{ checkSourceConfiguration: async () => false, checkDestinationConfiguration: async () => false },
    };

    it('checks and discovers afterwards, and notes it', async () => {
      let asked = 0;
      const prepareConnection: Activities['prepareConnection'] = async ({ sourceId }) => {
        asked += 1;
        const { planned, selected } = await NEW_PIPELINE.prepareConnection();
        return { planned, selected: sourceId === null ? null : selected };
      };
      const { result, progress } = await run({ ...NEW_PIPELINE, ...notBefore, prepareConnection });
      expect(asked).toBe(2);
      expect(result).toMatchObject({ connectionId: 'orders' });
      expect(calls.indexOf('checkSource')).toBeGreaterThan(calls.indexOf('applySource'));
      expect(progress.notes.toSorted()).toEqual([
        'The destination could not be checked before it was saved: this Airbyte checks only what is saved.',
        'The source could not be checked before it was saved: this Airbyte checks only what is saved.',
      ]);
    });

    it('says that what failed its check is saved, and notes it in the memo', async () => {
      const { failure, memo } = await run({ ...NEW_PIPELINE, ...notBefore, checkSource: refused });
      expect(failure?.type).toBe('AirbyteCheckFailed');
      expect(failure?.message).toMatch(
        /after it had .*created the source 'shop', .*and put nothing back: This Airbyte checks only what is saved.*wrong/,
      );
      expect(memo).toMatchObject({ source: { id: 'source', created: true } });
    });
  });

  describe('on an Airbyte without connection checks', () => {
    const noChecks = {
      ...{ checkSource: unsupported, checkDestination: unsupported },
      ...{ checkSourceConfiguration: async () => false, checkDestinationConfiguration: async () => false },
    };

    it('continues, and notes for source and destination that they were not checked', async () => {
      const { result, progress } = await run({ ...NEW_PIPELINE, ...noChecks });
      expect(result).toMatchObject({ connectionId: 'orders' });
      expect(progress.notes.toSorted()).toEqual([
        'The destination was not checked: this Airbyte has no call for it.',
        'The source was not checked: this Airbyte has no call for it.',
      ]);
      expect(changing().toSorted()).toEqual(['applyConnection', 'applyDestination', 'applySource']);
    });

    it('sends the configuration of actors that it found again, since nothing else would show that secrets have changed', async () => {
      const { result } = await run({ ...UNCHANGED_PIPELINE, ...noChecks });
      expect(changing()).toEqual(['applySource, sent again', 'applyConnection']);
      expect(result?.applied.counts).toEqual({ create: 0, change: 0, delete: 0 });
    });

    it('sends no configuration again that it has just updated', async () => {
      await run({ ...UNCHANGED_PIPELINE, ...noChecks, planSource: async () => CHANGED_SOURCE });
      expect(changing()).toEqual(['applySource', 'applyConnection']);
    });
  });
});
