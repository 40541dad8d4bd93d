/** A synced stream of a connection, as workflows know it: without its schema. */
export interface SelectedStream {
  name: string;
  namespace?: string;
  syncMode: string;
  destinationSyncMode: string;
  cursorField: string[];
  primaryKey: string[][];
}

/** Selected streams as part of a workflow's history, in which the length of a list is limited. */
export interface ListedStreams {
  streams: SelectedStream[];
  /** How many further streams there are; left out when `streams` has all of them. */
  moreStreams?: number;
}
