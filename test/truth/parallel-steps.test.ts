import { describe, expect, it } from '@jest/globals';
import type { Activities } from '../../activities';
import { endOf, failureOf } from '../support/stack';
import { airbyteFailure, untilGivenUp } from '../workflow/scripted-airbyte';
import { NEW_PIPELINE } from '../workflow/scripted-pipeline';
import { ScriptedWorkflows } from './scripted-workflows';

const DOCUMENT = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: {} },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
  sync: false,
};

/** The steps of a pipeline that run in parallel, each by its two activities. */
const PAIRS: [workflowType: string, one: keyof Activities, other: keyof Activities][] = [
  ['runPipeline', 'findSourceDefinition', 'findDestinationDefinition'],
  ['runPipeline', 'planSource', 'planDestination'],
  ['runPipeline', 'applySource', 'applyDestination'],
  ['runPipeline', 'checkSource', 'checkDestination'],
  ['runPipeline', 'checkDestination', 'checkSource'],
  ['planPipeline', 'planSource', 'planDestination'],
];

describe('two steps of a pipeline that run in parallel', () => {
  const workflows = new ScriptedWorkflows();

  it.each(PAIRS)('of %s both end before it fails, with both reasons: %s, %s', async (workflowType, one, other) => {
    const ended: string[] = [];
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    workflows.pipeline = {
      // What is left as it is is not applied.
      ...(one === 'applySource' && NEW_PIPELINE),
      [one]: async () => {
        ended.push(one);
        throw airbyteFailure('AirbyteUnauthorized', `${one}: no route to host.`);
      },
      [other]: async () => {
        await held;
        ended.push(other);
        throw airbyteFailure('AirbyteInvalidRequest', `${other}: no such bucket.`);
      },
    };
    const handle = await workflows.start(workflowType, DOCUMENT);
    while (!(await failedActivity(handle)));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    letGo();
    const failure = await failureOf(handle);
    expect(failure.type).toBe('AirbyteUnauthorized');
    expect(failure.message).toBe(`${one}: no route to host.\n${other}: no such bucket.`);
    expect(ended).toEqual([one, other]);
  });

  it('say once what is the same for both', async () => {
    const refused = async () => {
      throw airbyteFailure('AirbyteUnauthorized', 'Check the credentials.');
    };
    workflows.pipeline = { checkSource: refused, checkDestination: refused };
    const failure = await failureOf(await workflows.start('runPipeline', DOCUMENT));
    expect(failure).toMatchObject({ type: 'AirbyteUnauthorized', message: 'Check the credentials.' });
  });

  it('end as cancelled when the workflow is, also when one of them has failed before', async () => {
    workflows.pipeline = {
      checkSource: async () => {
        throw airbyteFailure('AirbyteUnauthorized', 'no route to host.');
      },
      checkDestination: untilGivenUp,
    };
    const handle = await workflows.start('runPipeline', DOCUMENT);
    while (!(await failedActivity(handle)));
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
  });
});

/** Whether the workflow has seen an activity fail. */
async function failedActivity(handle: Awaited<ReturnType<ScriptedWorkflows['start']>>): Promise<boolean> {
  const { events = [] } = await handle.fetchHistory();
  const failed = events?.findIndex((event) => event.activityTaskFailedEventAttributes) ?? -1;
  return failed >= 0 && (events?.slice(failed).some((event) => event.workflowTaskCompletedEventAttributes) ?? false);
}
