import { describe, expect, it } from '@jest/globals';
import type { PipelineProgress } from '../../../src/contract/pipeline-progress';
import type { SyncProgress } from '../../../src/contract/sync-progress';
import { pipelineDetails, syncDetails } from '../../../src/details/run-details';

const run = { namespace: 'default', workflowId: 'airbyte-sync:c1', runId: 'r1' };
const starting: SyncProgress = { connectionId: 'c1', phase: 'starting', attempt: 1, maximumAttempts: 3 };
const running: SyncProgress = { ...starting, phase: 'running', jobId: 12, status: 'running', attached: false };
const orders = { name: 'orders', namespace: 'public', recordsSynced: 500, bytesSynced: 12_300, recordsRejected: 0 };
const customers = { name: 'customers', recordsSynced: 20, bytesSynced: 1_000, recordsRejected: 3 };
const ended: SyncProgress = {
  ...running,
  status: 'succeeded',
  recordsSynced: 520,
  bytesSynced: 13_300,
  recordsRejected: 3,
  streams: [orders, customers],
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:13.000Z',
};

/** Without what keeps the columns of a table apart. */
const withoutGaps = (markdown: string) => markdown.replaceAll('\u00a0', '');

describe('the current details of a sync', () => {
  it('say before there is a job that one is started, and of which connection', () => {
    expect(syncDetails(starting, run)).toBe(
      [
        '**Starting a job**',
        [
          '- **Connection**: `c1`',
          '- **Attempt**: 1 of 3',
          '- **If this takes long**: [Pending Activities](namespaces/default/workflows/airbyte-sync%3Ac1/r1/pending-activities) has the last failure, the attempt, and when the next one is',
        ].join('\n'),
      ].join('\n\n'),
    );
  });

  it('say since when it has been in its phase, in UTC', () => {
    const phaseSince = new Date('2026-01-31T12:00:00.123Z');
    expect(syncDetails(starting, { ...run, phaseSince })).toMatch(
      /^\*\*Starting a job\*\* since 2026-01-31 12:00:00 UTC\n/,
    );
    expect(syncDetails({ ...ended, phase: 'done' }, { ...run, phaseSince })).toMatch(/^\*\*Done\*\*\n/);
  });

  it('name the job, and link to the connection in Airbyte', () => {
    const connectionUrl = 'http://localhost:8000/workspaces/w1/connections/c1';
    const details = syncDetails({ ...running, connectionUrl }, run);
    expect(details).toContain('**Waiting for the job to end**');
    expect(details).toContain(`- **Connection**: \`c1\`, [open it in Airbyte](${connectionUrl})`);
    expect(details).toContain('- **Job**: 12\n');
  });

  it('say where the counts are while the job runs: in the heartbeat of the pending activity', () => {
    expect(syncDetails(running, run)).toContain(
      '[Pending Activities](namespaces/default/workflows/airbyte-sync%3Ac1/r1/pending-activities), the heartbeat of *Wait for job 12*',
    );
  });

  it.each(['queued', 'cancelling'] as const)('say so too while it is %s', (phase) => {
    expect(syncDetails({ ...running, phase }, run)).toContain('Pending Activities');
  });

  it('say that the job was not started by this sync', () => {
    expect(syncDetails({ ...running, attached: true }, run)).toContain('**Job**: 12, not started by this sync');
  });

  it('count at the end: records, bytes, what was rejected, how long it took, how fast, and each stream', () => {
    const details = withoutGaps(syncDetails({ ...ended, phase: 'done' }, run));
    expect(details).toContain('**Done**');
    expect(details).toContain('- **Moved**: 520 records, 13.3 kB, 3 rejected, in 13s, 40 records/s');
    expect(details).toContain(
      [
        '| Stream | Records | Bytes | Rejected |',
        '| :--- | ---: | ---: | ---: |',
        '| public.orders | 500 | 12.3 kB | 0 |',
        '| customers | 20 | 1.0 kB | 3 |',
      ].join('\n'),
    );
    expect(details).not.toContain('Pending Activities');
  });

  it('tell no rate of a job that took less than the second in which Airbyte tells times', () => {
    const details = syncDetails({ ...ended, phase: 'done', endedAt: ended.startedAt }, run);
    expect(details).toContain('- **Moved**: 520 records, 13.3 kB, 3 rejected\n');
  });

  it('name twenty streams at most, and how many more there are', () => {
    const streams = Array.from({ length: 100 }, (_, index) => ({ ...customers, name: `stream ${index}` }));
    const details = syncDetails({ ...ended, phase: 'done', streams, moreStreams: 5 }, run);
    expect(details.match(/^\| stream/gm)).toHaveLength(20);
    expect(details).toMatch(/and 85 more streams$/);
  });

  it('show a stream whose name is Markdown as it is', () => {
    const details = syncDetails({ ...ended, phase: 'done', streams: [{ ...customers, name: 'a|b_c' }] }, run);
    expect(withoutGaps(details)).toContain('| a\\|b\\_c | 20 |');
  });

  it('tell between two attempts why the first has failed', () => {
    const details = syncDetails({ ...ended, phase: 'retrying', status: 'failed', lastFailure: 'no route' }, run);
    expect(details).toContain('**Retrying: waiting before the next attempt**');
    expect(details).toContain('The previous attempt failed:\n\n```\nno route\n```');
  });

  it('tell the type and the reason of a failure', () => {
    const failure = { type: 'AirbyteNotFound', message: 'There is no connection c1.' };
    const details = syncDetails({ ...starting, failure }, run);
    expect(details).toMatch(/^\*\*Failed\*\*: `AirbyteNotFound`/);
    expect(details).toContain('```\nThere is no connection c1.\n```');
  });

  it('fit into an address, as which the UI sends them: of a long reason they give the beginning', () => {
    const failure = { type: 'AirbyteSyncFailed', message: 'no route to host '.repeat(600) };
    const streams = Array.from({ length: 100 }, (_, index) => ({
      ...orders,
      name: `a_stream_of_some_length_${index}`,
    }));
    const details = syncDetails({ ...ended, streams, failure }, run);
    expect(details).toContain('no route to host no route');
    expect(encodeURIComponent(details).length).toBeLessThan(8_000);
  });

  it('say that it was cancelled, and what had been moved', () => {
    const failure = { type: 'Cancelled', message: 'Workflow cancelled' };
    const details = syncDetails({ ...ended, phase: 'cancelling', status: 'cancelled', failure }, run);
    expect(details).toMatch(/^\*\*Cancelled\*\*/);
    expect(details).toContain('**Job**: 12, cancelled');
    expect(details).toContain('520 records');
  });

  it('say that it was skipped for another job', () => {
    const details = syncDetails({ ...starting, phase: 'done', status: 'skipped', jobId: 77 }, run);
    expect(details).toMatch(/^\*\*Skipped\*\*/);
    expect(details).toContain('**Job**: 77, skipped');
  });
});

describe('the current details of a pipeline', () => {
  const created = { source: true, destination: false, connection: true };
  const checking: PipelineProgress = { name: 'shop', phase: 'check', created, notes: [], workspaceId: 'w1' };

  it('show each step, with what it has come to', () => {
    expect(pipelineDetails(checking, run)).toBe(
      [
        '**Step 3 of 7**: check that both work',
        [
          '- **Pipeline**: shop',
          '- **If this takes long**: [Pending Activities](namespaces/default/workflows/airbyte-sync%3Ac1/r1/pending-activities) has the last failure, the attempt, and when the next one is',
        ].join('\n'),
        'Steps:',
        [
          '- ✓ find the workspace: w1',
          '- ✓ find the connectors',
          '- ▶ check that both work',
          '- · discover the streams',
          '- · set up source and destination',
          '- · set up the connection',
          '- · sync',
        ].join('\n'),
      ].join('\n\n'),
    );
  });

  it('link to the connection in Airbyte and to the sync', () => {
    const connectionUrl = 'http://localhost:8000/workspaces/w1/connections/c1';
    const syncing = { ...checking, phase: 'sync', connectionId: 'c1', syncWorkflowId: 'airbyte-sync:c1' } as const;
    const details = pipelineDetails({ ...syncing, connectionUrl }, run);
    expect(details).toContain(`- **Connection**: \`c1\`, [open it in Airbyte](${connectionUrl})`);
    expect(details).toContain('- **Sync**: [airbyte-sync:c1](namespaces/default/workflows/airbyte-sync%3Ac1)');
  });

  it('mark the step that failed, and tell why', () => {
    const failure = { type: 'AirbyteCheckFailed', message: 'password authentication failed for user "airbyte"' };
    const details = pipelineDetails({ ...checking, failure }, run);
    expect(details).toMatch(/^\*\*Failed\*\*: `AirbyteCheckFailed`/);
    expect(details).toContain('- ✗ check that both work');
    expect(details).toContain('password authentication failed');
  });

  it('name the steps that went differently than usual', () => {
    expect(pipelineDetails({ ...checking, notes: ['The source was not checked.'] }, run)).toContain(
      '- The source was not checked.',
    );
  });

  it('count at the end what the sync has moved', () => {
    const { connectionId, jobId = 0, status = '', streams = [] } = ended;
    const counts = { recordsSynced: 520, bytesSynced: 13_300, recordsRejected: 0, streams };
    const times = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:13.000Z' };
    const sync = { connectionId, jobId, status, ...counts, attempts: 1, ...times, attached: false };
    const details = pipelineDetails({ ...checking, phase: 'done', sync }, run);
    expect(details).toMatch(/^\*\*Done\*\*/);
    expect(details).toContain('**Moved**: 520 records, 13.3 kB, in 13s, 40 records/s');
  });
});
