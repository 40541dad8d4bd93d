/** The id of a connection's sync: at most one runs under it, so that two starters share one run. */
export function syncWorkflowId(connectionId: string): string {
  return `airbyte-sync:${connectionId}`;
}

/** The id of a pipeline's run. */
export function pipelineWorkflowId(name: string): string {
  return `airbyte-pipeline:${name}`;
}

/** The id of a fleet's run. */
export function fleetWorkflowId(name: string): string {
  return `airbyte-fleet:${name}`;
}
