import type { PlannedConnection, PlannedStream } from '../contract/pipeline-plan';
import type { ListedStreams, SelectedStream } from '../contract/selected-stream';

/** The number of items of a list that histories, results and queries have; a source may have tens of thousands of streams. */
const MAXIMUM_LISTED_ITEMS = 1_000;
/** Their size as JSON: a tenth of Temporal's limit. */
const MAXIMUM_LISTED_BYTES = 200_000;
/** The length of a value as JSON up to which it helps a reader. */
const MAXIMUM_VALUE_LENGTH = 2_000;

/** The first selected streams, as many as a history may have. */
export function listStreams(streams: readonly SelectedStream[]): ListedStreams {
  const { listed, more } = limitList(streams);
  return { streams: listed, ...(more > 0 && { moreStreams: more }) };
}

/** The first planned streams, as many as a history may have. If there are more, those that the plan changes come first. */
export function listPlannedStreams(
  streams: readonly PlannedStream[] | undefined,
): Pick<PlannedConnection, 'streams' | 'moreStreams'> {
  if (streams === undefined) return { streams: null };
  const whole = limitList(streams);
  if (whole.more === 0) return { streams: whole.listed };
  const changing = streams.filter(({ action }) => action !== 'leave');
  const ordered = [...changing, ...streams.filter(({ action }) => action === 'leave')];
  const { listed } = limitList(ordered);
  const moreStreams: NonNullable<PlannedConnection['moreStreams']> = {};
  for (const { action } of ordered.slice(listed.length)) moreStreams[action] = (moreStreams[action] ?? 0) + 1;
  return { streams: listed, moreStreams };
}

/**
 * A plan of a connection with only those streams that it adds to an existing connection, changes or removes. The others are
 * counted.
 */
export function withoutLeftStreams(planned: PlannedConnection): PlannedConnection {
  const { action, streams, moreStreams } = planned;
  if (streams === null) return planned;
  const counted = streams.filter((stream) => action === 'create' || stream.action === 'leave');
  const more = { ...moreStreams };
  for (const stream of counted) more[stream.action] = (more[stream.action] ?? 0) + 1;
  return { ...planned, streams: streams.filter((stream) => !counted.includes(stream)), moreStreams: more };
}

/** A value as a history may have it: if its JSON is too long, the beginning of the JSON. */
export function limitValue(value: unknown): unknown {
  if (value === undefined) return undefined;
  const json = JSON.stringify(value);
  return json.length <= MAXIMUM_VALUE_LENGTH ? value : `${json.slice(0, MAXIMUM_VALUE_LENGTH)}…`;
}

function limitList<Item>(items: readonly Item[]): { listed: Item[]; more: number } {
  let bytes = 0;
  const end = items.slice(0, MAXIMUM_LISTED_ITEMS).findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item) ?? '');
    return bytes > MAXIMUM_LISTED_BYTES;
  });
  const listed = items.slice(0, end === -1 ? MAXIMUM_LISTED_ITEMS : end);
  return { listed, more: items.length - listed.length };
}
