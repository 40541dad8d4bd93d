/** What Temporal's UI shows of a workflow next to its history, queried as the UI does. */
import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';

/** The part of `temporal.api.sdk.v1.WorkflowMetadata` that this project sets. */
export interface WorkflowMetadata {
  definition: { queryDefinitions: { name: string; description?: string }[] };
  /** Markdown. */
  currentDetails: string;
}

/** The result of the SDK's own query. */
export function metadataOf(handle: WorkflowHandle): Promise<WorkflowMetadata> {
  return handle.query<WorkflowMetadata>('__temporal_workflow_metadata');
}

/** The summary of each activity in a run's history, by the activity's name; an empty one where there is none. */
export async function activitySummaries(handle: WorkflowHandle): Promise<[activity: string, summary: string][]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes, markerRecordedEventAttributes, userMetadata }) => {
      const name =
        activityTaskScheduledEventAttributes?.activityType?.name ?? markerRecordedEventAttributes?.markerName;
      // A patch is noted in a marker, too, as a local activity is.
      if (name == null || name === 'core_patch') return [];
      const summary = userMetadata?.summary ? defaultPayloadConverter.fromPayload<string>(userMetadata.summary) : '';
      return [[name, summary] satisfies [string, string]];
    },
  );
}
