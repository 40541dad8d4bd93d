import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/temporal';

const FOLDER = join(__dirname, 'histories');
const histories = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

type Bundle = Awaited<ReturnType<typeof workflowBundle>>;

/** What was wrong with each history that was replayed, by its name. */
type ReplayErrors = Map<string, Error | undefined>;

const read = (workflowId: string) => ({
  workflowId,
  history: JSON.parse(readFileSync(join(FOLDER, workflowId), 'utf8')),
});

/** Replays histories in one worker, since the start of a worker costs more than all of them. */
async function replay(workflowBundle: Bundle, recorded: ReturnType<typeof read>[]): Promise<ReplayErrors> {
  const sinks = { airbyteTracing: { export: { fn: () => {} } } };
  const errors: ReplayErrors = new Map();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, sinks }, recorded)) {
    errors.set(workflowId, error);
  }
  return errors;
}

/** Workflows that were started by an older version of the code go on in the newer one: it has to decide the same. */
describe('every recorded history', () => {
  let bundle: Bundle;
  let plain: ReplayErrors;
  let traced: ReplayErrors;

  beforeAll(async () => {
    bundle = await workflowBundle();
    plain = await replay(bundle, histories.map(read));
    traced = await replay(await workflowBundle(undefined, { isTraced: true }), histories.map(read));
  });

  it('is there, for every workflow', () => {
    expect(histories.filter((name) => name.startsWith('sync-')).length).toBeGreaterThanOrEqual(13);
    expect(histories.filter((name) => name.startsWith('pipeline-')).length).toBeGreaterThanOrEqual(3);
    expect(histories.filter((name) => name.startsWith('fleet-')).length).toBeGreaterThanOrEqual(3);
    expect(histories.filter((name) => name.startsWith('check-')).length).toBeGreaterThanOrEqual(2);
  });

  it.each(histories)('is replayed by the workflows of today, with and without traces: %s', (name) => {
    for (const errors of [plain, traced]) {
      expect(errors.has(name)).toBe(true);
      expect(errors.get(name)).toBeUndefined();
    }
  });

  it('would be rejected by workflows that decide otherwise', async () => {
    const changed = read('sync-succeeded.json');
    const scheduled = changed.history.events.find((event: { activityTaskScheduledEventAttributes?: unknown }) =>
      Boolean(event.activityTaskScheduledEventAttributes),
    );
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    const errors = await replay(bundle, [changed]);
    expect(errors.get(changed.workflowId)).toMatchObject({ message: expect.stringMatching(/nondeterminism/i) });
  });
});
