export interface WorkspaceSummary {
  workspaceId: string;
  name: string;
}

export interface FoundWorkspace extends WorkspaceSummary {
  /** Where people open Airbyte's web app. Left out by workers before this field. */
  webappUrl?: string;
}
