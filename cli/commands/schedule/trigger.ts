import { setTimeout as sleep } from 'node:timers/promises';
import type { ScheduleHandle } from '@temporalio/client';
import { type Command, Option } from 'commander';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../../src/contract/temporal-schedule';
import { type Scheduled, toOverlapPolicy } from '../../../src/schedules/schedule-definition';
import { stallReasonOf } from '../../../src/temporal/run-status';
import { describeRunning } from '../../../src/temporal/running-workflow';
import { type CommandContext, outputOf, withJson, withTemporal } from '../../command-context';
import { readConnectionOrFleet, withScheduled } from '../../lookup/connection-or-fleet';
import { findSchedule } from '../../lookup/schedule-lookup';

/** Temporal starts the run a moment later. With most policies it does not start it while another run is running. */
const START_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 100;

type TriggeredRun = Scheduled & {
  scheduleId: string;
  /** The workflow of the run; null when none has started within some seconds. */
  workflowId: string | null;
};

export function addTriggerCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('trigger')
    .summary('start a run now, in addition to the scheduled ones')
    .description(
      'Starts a run of a schedule now, with the same options as its other runs, even while the schedule is paused.',
    )
    .addOption(
      new Option('--overlap <policy>', 'what to do when the run before it is still running')
        .choices(OVERLAP_POLICIES)
        .default('allowAll'),
    )
    .action(
      async (connection: string | undefined, options: { json?: boolean; fleet?: string; overlap: OverlapPolicy }) => {
        const output = outputOf(context, options);
        const { env } = context.terminal;
        const given = readConnectionOrFleet(connection, options);
        const result = await withTemporal(env, async (temporal): Promise<TriggeredRun> => {
          const { handle, scheduled, description } = await findSchedule(temporal, given, context.terminal);
          await handle.trigger(toOverlapPolicy(options.overlap));
          const workflowId = await waitForNewRun(handle, description.info.numActionsTaken);
          const last = workflowId === null ? description.info.runningActions.at(-1) : undefined;
          const lastRun = last && (await describeRunning(temporal.client, last.workflow.workflowId));
          const stallReason = lastRun && stallReasonOf(lastRun);
          if (stallReason !== undefined) output.note(`Its last run cannot end: ${stallReason}.`);
          return { scheduleId: handle.scheduleId, ...scheduled, workflowId };
        });
        output.result(result, () => [
          result.workflowId === null
            ? `${result.scheduleId} was triggered, but has not started a run yet. Its last run may still be running.`
            : `started ${result.workflowId}`,
        ]);
      },
    );
  withScheduled(withJson(command));
}

/** Waits for the first run after the given number of runs, and returns its workflow id. */
async function waitForNewRun(handle: ScheduleHandle, runsBefore: number): Promise<string | null> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const { info } = await handle.describe();
    const started = info.numActionsTaken - runsBefore;
    const run = started > 0 ? info.recentActions.at(-started) : undefined;
    if (run) return run.action.workflow.workflowId;
    if (Date.now() >= giveUpAt) return null;
    await sleep(POLL_INTERVAL_MS);
  }
}
