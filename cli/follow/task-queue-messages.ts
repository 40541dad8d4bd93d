/** What a person is told when nobody does the work. */
export function noWorkerMessage(taskQueue: string): string {
  return `no worker takes work from the task queue '${taskQueue}'. Start one in another terminal: temporal-airbyte worker`;
}

/** What a person is told when a workflow of another task queue has the id that ours would have. */
export function describeOtherTaskQueue({ workflowId, taskQueue }: { workflowId: string; taskQueue: string }): string {
  return `The workflow id ${workflowId} is in use by a run of the task queue '${taskQueue}', whose workers may serve another Airbyte: it is not followed.`;
}
