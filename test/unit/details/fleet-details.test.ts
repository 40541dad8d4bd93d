import { describe, expect, it } from '@jest/globals';
import { type FleetState, fleetDetails } from '../../../src/details/fleet-details';

const NO_COUNTS = { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
const selecting: FleetState = {
  ...{ name: 'nightly *', phase: 'selecting', maxConcurrent: 5, counts: NO_COUNTS },
  listed: { running: [], failed: [] },
};
const run = { namespace: 'default' };

describe('the current details of a fleet', () => {
  it('say that it finds its connections', () => {
    expect(fleetDetails(selecting, run)).toBe(
      '**Finding the connections**\n\n- **Fleet**: nightly \\*, at most 5 syncs at a time',
    );
  });

  it('count its connections, link to the syncs that run, and say which have failed, and why', () => {
    const running = [{ name: 'shop', syncWorkflowId: 'airbyte-sync:c1' }, { name: 'crm' }];
    const failed = [{ name: 'a|b', type: 'AirbyteSyncFailed', message: `no disk\nat line 1` }];
    const counts = { ...NO_COUNTS, running: 12, waiting: 30, succeeded: 1_200, failed: 1, cancelled: 2 };
    expect(fleetDetails({ ...selecting, phase: 'syncing', counts, listed: { running, failed } }, run)).toBe(
      [
        '**Syncing**',
        '- **Fleet**: nightly \\*, at most 5 syncs at a time\n- **Connections**: 1,245, of which 12 running, 30 waiting, 1,200 succeeded, 1 failed, 2 cancelled',
        'Running:',
        '- [shop](namespaces/default/workflows/airbyte-sync%3Ac1)\n- crm\n- and 10 more running',
        'Not succeeded:',
        '- a\\|b: `AirbyteSyncFailed`, no disk\n- and 2 more not succeeded',
      ].join('\n\n'),
    );
  });

  it('say why it has failed before it had connections', () => {
    const failure = { type: 'AirbyteNotFound', message: 'There is no connection x.' };
    const details = fleetDetails({ ...selecting, phase: 'failed', failure }, run);
    expect(details).toMatch(/^\*\*Failed\*\*: `AirbyteNotFound`/);
    expect(details).toContain('There is no connection x.');
  });
});
