import type { ListedStreams, SelectedStream } from '../contract/selected-stream';
import { firstOf } from './listing-limits';

export function listStreams(streams: readonly SelectedStream[]): ListedStreams {
  const { listed, more } = firstOf(streams);
  return { streams: listed, ...(more > 0 && { moreStreams: more }) };
}
