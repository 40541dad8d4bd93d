/** What a pipeline's runs note of each object in their memo, see `runPipeline`. */
export interface ObjectMemo {
  name: string;
  id: string;
  /** That the run has created it; left out where it was found. */
  created?: true;
  /** That Airbyte itself starts a sync of the connection, by the schedule that the run has given it. */
  airbyteSyncs?: true;
  /** What Airbyte keeps otherwise than it was sent, see `normalized-fields`. */
  unkept?: string[];
}

export type MemoKey = 'source' | 'destination' | 'connection';
