import type { FleetConnectionProgress, FleetPhase, FleetProgress } from '../contract/fleet-progress';
import type { RunFailure } from '../contract/run-failure';
import { formatNumber } from '../text/formatting';
import { firstLine, shorten } from '../text/shorten';
import { code, link, list, plain } from './markdown';
import { headlineOf, paragraphs, type Run, reasonOf, workflowPage } from './run-details';

/** How many connections of each kind are named: see the limit of run-details. */
export const CONNECTIONS_SHOWN = 10;
const REASON_SHOWN = 120;

const PHASES: Record<FleetProgress['phase'], string> = {
  selecting: 'Finding the connections',
  syncing: 'Syncing',
  pausing: 'Waiting for the running syncs, before the fleet continues in a run with a new history',
  cancelling: 'Cancelling the running syncs',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** The order in which the details count the connections. */
const COUNTED: readonly FleetPhase[] = ['running', 'waiting', 'succeeded', 'failed', 'cancelled', 'skipped'];

type Listed = Pick<FleetConnectionProgress, 'name' | 'syncWorkflowId' | 'type' | 'message'>;

/** How a fleet stands, as far as its details show it. */
export interface FleetState extends Pick<FleetProgress, 'name' | 'phase' | 'maxConcurrent'> {
  counts: Record<FleetPhase, number>;
  /** Some of the connections that run, and of those that have failed or were cancelled. */
  listed: { running: readonly Listed[]; failed: readonly Listed[] };
  failure?: RunFailure | undefined;
}

/** Describes the progress of a fleet in Markdown, which the UI shows as the current details. */
export function fleetDetails(state: FleetState, { namespace }: Pick<Run, 'namespace'>): string {
  const { name, phase, counts, maxConcurrent, listed, failure } = state;
  const total = COUNTED.reduce((sum, each) => sum + counts[each], 0);
  const counted = COUNTED.filter((each) => counts[each] > 0).map((each) => `${formatNumber(counts[each])} ${each}`);
  const more = (kind: string, all: number, shown: readonly Listed[]) =>
    all > shown.length ? [`and ${formatNumber(all - shown.length)} more ${kind}`] : [];
  const { running, failed } = listed;
  return paragraphs([
    failure ? headlineOf(failure) : `**${PHASES[phase]}**`,
    list([
      `**Fleet**: ${plain(name)}, at most ${maxConcurrent} syncs at a time`,
      total === 0 ? undefined : `**Connections**: ${formatNumber(total)}, of which ${counted.join(', ')}`,
    ]),
    // The failure of a fleet whose syncs have failed lists them, as the details do.
    ...(total === 0 ? reasonOf(failure) : []),
    running.length === 0 ? undefined : 'Running:',
    list([
      ...running.map(({ name: of, syncWorkflowId: id }) => (id ? link(of, workflowPage(namespace, id)) : plain(of))),
      ...more('running', counts.running, running),
    ]),
    failed.length === 0 ? undefined : 'Not succeeded:',
    list([...failed.map(describeFailed), ...more('not succeeded', counts.failed + counts.cancelled, failed)]),
  ]);
}

function describeFailed({ name, type, message }: Listed): string {
  const reason = shorten(firstLine(message ?? ''), REASON_SHOWN);
  return `${plain(name)}: ${type === undefined ? '' : `${code(type)}, `}${plain(reason)}`;
}
