/** What the activities for sources and destinations take and give. */
import type { NotedAgain } from './object-memo';
import type { PlannedObject } from './pipeline-plan';

/** A source or a destination as a pipeline desires it. The configuration names its secrets and never contains them. */
export interface DesiredActor {
  workspaceId: string;
  name: string;
  definitionId: string;
  configuration: Record<string, unknown>;
  /** The name of the pipeline, to which rules for secrets may refer. */
  pipeline?: string;
  /** Sends the configuration also when only a secret can have changed: Airbyte masks secrets, so they cannot be compared. */
  update?: boolean;
}

export interface AppliedActor {
  actorId: string;
  created: boolean;
  updated: boolean;
  /** Digests of the fields that Airbyte changed when it stored them, for later runs: see `normalized-fields`. */
  unkept?: string[];
  /** What a user should know. Left out when there is nothing. */
  notes?: string[];
}

/** A source or a destination for which a pipeline makes a plan. */
export interface ActorToPlan extends Omit<DesiredActor, 'update'> {
  /** The name of the pipeline. Its earlier runs know the objects that Airbyte cannot list. */
  pipeline: string;
}

/** The plan of a source or a destination. */
export interface PlannedActor extends PlannedObject {
  /** What a user should know. Left out when there is nothing. */
  notes?: string[];
  /** What earlier runs noted of the actor, for a run that leaves it as it is. Left out when there is nothing. */
  noted?: NotedAgain;
}

/** A source or a destination whose configuration is checked before it is saved. */
export interface ActorToCheck extends ActorToPlan {
  /** Airbyte's id; null for one that is to be created. */
  id: string | null;
}

/** An input of connection checks. */
export interface DocumentConfiguration {
  /**
   * The configuration in the document, which names its secrets. It is not sent. It is part of the input because a check's
   * message may quote it: the message shows unmasked what the caller wrote, since a mask there would tell a caller that a
   * guessed secret is right.
   */
  configuration?: Readonly<Record<string, unknown>>;
}

/** A source or a destination as workflows see it. It has no configuration, because not every server masks secrets. */
export type ActorSummary<IdField extends string, DefinitionIdField extends string> = Record<IdField, string> & {
  /** Undefined where the server does not say. */
  [Field in DefinitionIdField]?: string | undefined;
} & { name: string; workspaceId?: string | undefined };
