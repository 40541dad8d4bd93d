import { nextReportMs } from '../src/jobs/report-times';

/** How many actions of each kind were counted. */
export type Actions = Record<string, number>;

/** A line of the server's counter of actions, which Temporal Cloud bills. */
const ACTION = /^action\{action_type="([^"]+)",namespace="([^"]+)".*\} (\d+)$/;

/**
 * Reads the server's counter of a namespace's actions.
 *
 * @param metricsUrl of a Temporal development server
 * @throws Error when the server does not respond
 */
export async function countActions(metricsUrl: string, namespace: string): Promise<Actions> {
  const actions: Actions = {};
  for (const line of (await (await fetch(metricsUrl)).text()).split('\n')) {
    const [, kind, its, count] = ACTION.exec(line) ?? [];
    if (kind !== undefined && its === namespace) actions[kind] = (actions[kind] ?? 0) + Number(count);
  }
  return actions;
}

/** The kind of the reports that a wait sends. */
const REPORT = 'grpc_RecordActivityTaskHeartbeat';

export function sumOf(actions: Actions): number {
  return Object.values(actions).reduce((sum, count) => sum + count, 0);
}

/** The actions of a sync with a longer job: all kinds but the reports are the same, and those follow from their times. */
export function actionsOfLongJob({ [REPORT]: _, ...others }: Actions, durationMs: number): number {
  let reports = 0;
  for (let at = nextReportMs(0); at <= durationMs; at = nextReportMs(at)) reports += 1;
  return sumOf(others) + reports;
}
