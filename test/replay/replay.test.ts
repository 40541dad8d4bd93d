import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/temporal';

const FOLDER = join(__dirname, 'histories');
const histories = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** Workflows that were started by an older version of the code go on in the newer one: it has to decide the same. */
describe('every recorded history', () => {
  let bundle: Awaited<ReturnType<typeof workflowBundle>>;
  let tracedBundle: typeof bundle;
  const sinks = { airbyteTracing: { export: { fn: () => {} } } };

  beforeAll(async () => {
    bundle = await workflowBundle();
    tracedBundle = await workflowBundle(undefined, { isTraced: true });
  });

  it('is there, for every workflow', () => {
    expect(histories.filter((name) => name.startsWith('sync-')).length).toBeGreaterThanOrEqual(13);
    expect(histories.filter((name) => name.startsWith('pipeline-')).length).toBeGreaterThanOrEqual(3);
    expect(histories.filter((name) => name.startsWith('fleet-')).length).toBeGreaterThanOrEqual(3);
    expect(histories.filter((name) => name.startsWith('check-')).length).toBeGreaterThanOrEqual(2);
  });

  it.each(histories)('is replayed by the workflows of today, with and without traces: %s', async (name) => {
    const history = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
    for (const workflowBundle of [bundle, tracedBundle]) {
      await expect(Worker.runReplayHistory({ workflowBundle, sinks }, history, name)).resolves.toBeUndefined();
    }
  });

  it('would be rejected by workflows that decide otherwise', async () => {
    const history = JSON.parse(readFileSync(join(FOLDER, 'sync-succeeded.json'), 'utf8'));
    const scheduled = history.events.find((event: { activityTaskScheduledEventAttributes?: unknown }) =>
      Boolean(event.activityTaskScheduledEventAttributes),
    );
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history, 'changed')).rejects.toThrow(
      /[Nn]ondeterminism/,
    );
  });
});
