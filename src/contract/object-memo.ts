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
  /**
   * When a run of the pipeline last created, changed or took over the object; ISO 8601. A run that leaves the object as it is
   * notes the time again. Of several pipelines that use an object, the one with the latest time manages it.
   */
  changedAt?: string;
}

/** What a run that leaves an object as it is notes again. */
export type NotedAgain = Pick<ObjectMemo, 'unkept' | 'changedAt'>;

export type MemoKey = 'source' | 'destination' | 'connection';
