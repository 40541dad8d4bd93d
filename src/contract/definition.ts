/** A connector that sources or destinations are made of. */
export interface DefinitionSummary {
  definitionId: string;
  name: string;
  dockerRepository?: string | undefined;
  dockerImageTag?: string | undefined;
}

export interface DefinitionQuery {
  workspaceId: string;
  /** The definition's id, its exact name, or what only one name matches without regard to case. */
  definition: string;
}
