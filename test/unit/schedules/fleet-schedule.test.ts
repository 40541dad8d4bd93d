import { describe, expect, it } from '@jest/globals';
import { fleetDocumentSchema } from '../../../src/contract/fleet-document';
import { fleetScheduleId, parseFleetScheduleId, parseScheduleId } from '../../../src/contract/workflow-ids';
import { applySchedule, planSchedule, removeDocumentSchedule } from '../../../src/schedules/apply-schedule';
import type { DesiredSchedule } from '../../../src/schedules/schedule-definition';
import { ScriptedSchedules } from '../../support/scripted-schedules';

const ID = 'airbyte-fleet-schedule:nightly';

function desired(changes: object = {}, { taskQueue = 'airbyte', inDocument = true } = {}): DesiredSchedule {
  const document = fleetDocumentSchema().parse({
    ...{ fleet: 'nightly', connections: ['crm', 'shop'], schedule: { every: '6h' } },
    ...changes,
  });
  const { schedule, ...fleet } = document;
  if (schedule === undefined) throw new Error('the document has no schedule');
  return { fleet, schedule, taskQueue, inDocument };
}

describe('the Temporal schedule of a fleet', () => {
  it('starts the fleet with its document, in a workflow that has the name of the fleet', async () => {
    const schedules = new ScriptedSchedules();
    const applied = await applySchedule(schedules.client, desired({ maxConcurrent: 3, sync: { timeout: '2h' } }));
    expect(applied).toEqual({ scheduleId: ID, outcome: 'created', changed: [] });
    expect(schedules.stored.get(ID)?.action).toMatchObject({
      ...{ workflowType: 'syncFleet', workflowId: 'airbyte-fleet:nightly', taskQueue: 'airbyte' },
      args: [
        { name: 'nightly', connections: [{ connection: 'crm' }, { connection: 'shop' }], sync: { timeout: '2h' } },
      ],
      ...{ staticSummary: 'nightly', memo: { fleet: 'nightly' } },
    });
    expect(schedules.stored.get(ID)?.action.args?.[0]).not.toHaveProperty('schedule');
  });

  it('is changed only where the document has changed, and says in which fields', async () => {
    const schedules = new ScriptedSchedules();
    await applySchedule(schedules.client, desired());
    expect(await applySchedule(schedules.client, desired())).toMatchObject({ outcome: 'unchanged' });
    expect(await planSchedule(schedules.client, desired())).toEqual({ action: 'leave', id: ID, changes: [] });
    const other = desired({ connections: ['crm'], schedule: { every: '12h', overlap: 'bufferOne' } });
    const { changes } = await planSchedule(schedules.client, other);
    expect(changes.map(({ field }) => field)).toEqual(['every', 'overlap', 'connections']);
    expect(await applySchedule(schedules.client, other)).toMatchObject({ outcome: 'updated', changes });
    expect(schedules.calls).toEqual([`create ${ID}`, `update ${ID}`]);
  });

  it('is deleted with its document only if the document has defined it', async () => {
    const schedules = new ScriptedSchedules();
    const remove = () => removeDocumentSchedule(schedules.client, { fleet: 'nightly' }, 'airbyte');
    await applySchedule(schedules.client, desired({}, { inDocument: false }));
    expect(await remove()).toBeUndefined();
    const taken = await applySchedule(schedules.client, desired());
    expect(taken).toMatchObject({ outcome: 'updated', changed: ['fleet'] });
    expect(await remove()).toBe(ID);
    expect(schedules.stored.size).toBe(0);
  });

  it('of another task queue is another one, and one whose id collides is left alone', async () => {
    const schedules = new ScriptedSchedules();
    await applySchedule(schedules.client, desired({ fleet: 'nightly@eu' }));
    await expect(applySchedule(schedules.client, desired({}, { taskQueue: 'eu' }))).rejects.toMatchObject({
      type: 'AirbyteConflict',
    });
    expect(schedules.calls).toEqual([`create ${ID}@eu`]);
  });
});

describe('the id of the schedule of a fleet', () => {
  it.each([
    ['nightly', 'airbyte'],
    ['nightly@airbyte', 'airbyte'],
    ['nightly', 'eu'],
    ['a@b:c', 'eu'],
  ])('of %j on the task queue %j is read back', (name, taskQueue) => {
    const id = fleetScheduleId(name, taskQueue);
    expect(parseFleetScheduleId(id, taskQueue)).toBe(name);
    expect(parseScheduleId(id)).toBeUndefined();
  });

  it('is not the id of the schedule of a connection', () => {
    expect(parseFleetScheduleId('airbyte-schedule:c-1', 'airbyte')).toBeUndefined();
  });
});
