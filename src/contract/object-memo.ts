/** What the runs of a pipeline record of each object in their memo; see `runPipeline`. */
export interface ObjectMemo {
  name: string;
  id: string;
  /** Set if the run has created the object; left out if the object existed before. */
  created?: true;
  /** Set if Airbyte starts a sync of the connection by the schedule that the run has set. */
  airbyteSyncs?: true;
  /** The fields that Airbyte stores differently than they were sent; see `normalized-fields`. */
  unkept?: string[];
}

export type MemoKey = 'source' | 'destination' | 'connection';
