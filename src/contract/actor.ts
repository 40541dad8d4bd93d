import type { PlannedObject } from './pipeline-plan';

/** What a pipeline wants of a source or a destination. Secrets are named in the configuration, never written. */
export interface DesiredActor {
  workspaceId: string;
  name: string;
  definitionId: string;
  configuration: Record<string, unknown>;
  /** The name of the pipeline that wants it, which rules for secrets may name. */
  pipeline?: string;
  /** Sends the configuration even when nothing but a secret can have changed (Airbyte masks those when asked). */
  update?: boolean;
}

export interface AppliedActor {
  actorId: string;
  created: boolean;
  updated: boolean;
  /** What Airbyte keeps otherwise than it was sent, for the runs to come, see `normalized-fields`. */
  unkept?: string[];
  /** What a person should know. Left out where there is nothing. */
  notes?: string[];
}

/** What a plan has to know beside what is wanted. */
export interface ActorToPlan extends Omit<DesiredActor, 'update'> {
  /** Its earlier runs tell what is there where Airbyte cannot. */
  pipeline: string;
}

/** What a plan tells of a source or a destination, with what a person should know beside it. */
export interface PlannedActor extends PlannedObject {
  /** Left out where there is nothing. */
  notes?: string[];
}

/** A source as workflows see it. Its configuration stays out of histories: not every server masks secrets. */
export interface SourceSummary {
  sourceId: string;
  name: string;
  /** Left out where the server does not say. */
  sourceDefinitionId?: string | undefined;
  workspaceId?: string | undefined;
}

/** A destination as workflows see it. Its configuration stays out of histories: not every server masks secrets. */
export interface DestinationSummary {
  destinationId: string;
  name: string;
  /** Left out where the server does not say. */
  destinationDefinitionId?: string | undefined;
  workspaceId?: string | undefined;
}
