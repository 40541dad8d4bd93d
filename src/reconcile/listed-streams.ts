import { firstOf } from './history-size';
import type { SelectedStream } from './streams';

/** Selected streams as they go through a history, which takes no list of any length. */
export interface ListedStreams {
  streams: SelectedStream[];
  /** How many streams there are beyond those of `streams`; left out when there are none. */
  moreStreams?: number;
}

export function listStreams(streams: readonly SelectedStream[]): ListedStreams {
  const { listed, more } = firstOf(streams);
  return { streams: listed, ...(more > 0 && { moreStreams: more }) };
}
