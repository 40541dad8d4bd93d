/** A connector definition, as workflows know it. */
export interface DefinitionSummary {
  definitionId: string;
  name: string;
  dockerRepository?: string | undefined;
  dockerImageTag?: string | undefined;
}

export interface DefinitionQuery {
  workspaceId: string;
  /** The definition's id, its exact name, or a text that, ignoring case, only one name contains. */
  definition: string;
}
