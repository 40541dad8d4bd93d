/** An Airbyte workspace, as workflows know it. */
export interface WorkspaceSummary {
  workspaceId: string;
  name: string;
}

export interface FoundWorkspace extends WorkspaceSummary {
  /** The URL of Airbyte's web app. Workers of earlier releases leave it out. */
  webappUrl?: string;
}
