/** A stream of a connection as workflows see it: what is synced and how, without its schema. */
export interface SelectedStream {
  name: string;
  namespace?: string;
  syncMode: string;
  destinationSyncMode: string;
  cursorField: string[];
  primaryKey: string[][];
}

/** Selected streams as they go through a history, which takes no list of any length. */
export interface ListedStreams {
  streams: SelectedStream[];
  /** How many streams there are beyond those of `streams`; left out when there are none. */
  moreStreams?: number;
}
