import { formatInterval } from '../../src/contract/duration';
import type { ScheduleResult } from '../../src/contract/pipeline-result';
import type { PipelineSchedule } from '../../src/contract/pipeline-schedule';
import type { FleetSchedule, OverlapPolicy } from '../../src/contract/temporal-schedule';
import type { NormalizedSchedule, Timing } from '../../src/schedules/schedule-definition';
import { oneLine } from '../../src/text/control-characters';
import { formatTime } from '../../src/text/formatting';
import { firstLine } from '../../src/text/shorten';

/** `every 6h`, `0 3 * * * Europe/Paris`. */
export function describeTiming(timing: Timing | undefined): string {
  if (timing === undefined) return 'at times that were set with another tool';
  return 'everyMs' in timing ? `every ${formatInterval(timing.everyMs)}` : `${timing.cron} ${timing.timeZone}`;
}

const OVERLAP_TEXTS: Readonly<Record<OverlapPolicy, string>> = {
  skip: 'it is skipped',
  bufferOne: 'it starts when that one has ended; if several are due, only one starts',
  bufferAll: 'it starts when that one has ended; if several are due, each starts after the other',
  cancelOther: 'that one is cancelled first, and so is its job in Airbyte',
  terminateOther: 'that one is terminated, and its job in Airbyte keeps running',
  allowAll: 'it starts in parallel, and its option onRunning decides about the running job',
};

/** What happens to a run that is due while the one before it is still running. */
export function describeOverlap({
  overlap,
  workflowType,
}: Pick<NormalizedSchedule, 'overlap' | 'workflowType'>): string {
  // The syncs of a fleet are its child workflows, which Temporal then cancels.
  return workflowType === 'syncFleet' && overlap === 'terminateOther'
    ? 'that one is terminated, and its syncs are cancelled, without waiting until their jobs have ended'
    : OVERLAP_TEXTS[overlap];
}

/** `paused: the warehouse is down`, `active`. A note of Temporal's own has log lines below the reason. */
export function describeState({ paused, note }: { paused: boolean; note?: string | null | undefined }): string {
  return [paused ? 'paused' : 'active', oneLine(firstLine(note ?? ''))].filter(Boolean).join(': ');
}

/** What a run did with the schedule of a pipeline document. */
export function describeScheduleResult(schedule: PipelineSchedule, result: ScheduleResult): string {
  const { by, outcome, scheduleId, removed } = result;
  const what =
    by === 'nobody'
      ? 'manual'
      : `${describeDocumentSchedule(schedule)} by ${by === 'airbyte' ? 'Airbyte' : 'Temporal'}`;
  const text = [scheduleId, what, by === 'nobody' ? undefined : `(${outcome})`].filter(Boolean).join('  ');
  return removed === undefined ? text : `${text}; deleted the Temporal schedule ${removed}`;
}

/** The document that defines a schedule; undefined for a schedule that was created by hand. */
export function describeDefiningDocument({
  pipeline,
  fleet,
}: Pick<NormalizedSchedule, 'pipeline' | 'fleet'>): string | undefined {
  if (pipeline !== undefined) return `pipeline document '${pipeline}'`;
  return fleet === undefined ? undefined : `fleet document '${fleet}'`;
}

/** A schedule as the document has it. */
export function describeDocumentSchedule(schedule: PipelineSchedule | FleetSchedule): string {
  if (schedule === 'manual') return schedule;
  if (!('every' in schedule)) return `${schedule.cron} ${schedule.timeZone}`;
  return `every ${typeof schedule.every === 'number' ? formatInterval(schedule.every) : schedule.every}`;
}

/** The next times of a schedule, each in the zone of its cron expression and, if that differs, in the zone of the user. */
export function describeNextRuns(nextRuns: readonly string[], timing: Timing | FleetSchedule | undefined): string[] {
  const timeZone = timing && 'cron' in timing ? timing.timeZone : undefined;
  return nextRuns.map((run) => {
    const [here, there] = [formatTime(Date.parse(run)), formatTime(Date.parse(run), timeZone)];
    return here === there ? here : `${there} (${here} here)`;
  });
}
