/** What a person is told when nobody does the work. */
export function noWorkerMessage(taskQueue: string): string {
  return `no worker takes work from the task queue '${taskQueue}'. Start one in another terminal: temporal-airbyte worker`;
}
