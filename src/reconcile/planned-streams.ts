import type { PlannedConnection, PlannedStream } from '../contract/pipeline-plan';
import { firstOf } from './listing-limits';

/** What becomes of streams, as it goes through a history: of very many, those first of which something becomes. */
export function listPlannedStreams(
  streams: readonly PlannedStream[] | undefined,
): Pick<PlannedConnection, 'streams' | 'moreStreams'> {
  if (streams === undefined) return { streams: null };
  const whole = firstOf(streams);
  if (whole.more === 0) return { streams: whole.listed };
  const changing = streams.filter(({ action }) => action !== 'leave');
  const ordered = [...changing, ...streams.filter(({ action }) => action === 'leave')];
  const { listed } = firstOf(ordered);
  const moreStreams: NonNullable<PlannedConnection['moreStreams']> = {};
  for (const { action } of ordered.slice(listed.length)) moreStreams[action] = (moreStreams[action] ?? 0) + 1;
  return { streams: listed, moreStreams };
}
