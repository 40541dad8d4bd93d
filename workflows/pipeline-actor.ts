import type { ActorToPlan, AppliedActor, PlannedActor } from '../src/contract/actor';
import type { PipelineDocument } from '../src/contract/pipeline-document';
import { findSecretReferences } from '../src/text/secrets/secret-references';
import { airbyteCalls } from './activity-options';
import { hasType } from './failures';

export type ActorKind = 'source' | 'destination';

/** The activities for sources and for destinations, under the same names. */
const ACTIVITIES = {
  source: (airbyte: ReturnType<typeof airbyteCalls>) => ({
    findDefinition: airbyte.findSourceDefinition,
    plan: airbyte.planSource,
    apply: airbyte.applySource,
    check: (sourceId: string, configuration: ActorToPlan['configuration']) =>
      airbyte.checkSource({ sourceId, configuration }),
  }),
  destination: (airbyte: ReturnType<typeof airbyteCalls>) => ({
    findDefinition: airbyte.findDestinationDefinition,
    plan: airbyte.planDestination,
    apply: airbyte.applyDestination,
    check: (destinationId: string, configuration: ActorToPlan['configuration']) =>
      airbyte.checkDestination({ destinationId, configuration }),
  }),
};

/** The source or the destination of a pipeline document. */
export class PipelineActor {
  readonly #document: PipelineDocument;
  readonly #withinMs: number;

  /** @param withinMs how long each activity is retried */
  constructor(
    readonly kind: ActorKind,
    document: PipelineDocument,
    withinMs: number,
  ) {
    this.#document = document;
    this.#withinMs = withinMs;
  }

  /** Finds the definition that the document names, and returns what the document asks for, as the activities take it. */
  async findDefinition(workspaceId: string): Promise<ActorToPlan> {
    const { name, definition, configuration } = this.#document[this.kind];
    const { findDefinition } = this.#activities(`Find the ${this.kind} definition ${definition}`);
    const { definitionId } = await findDefinition({ workspaceId, definition });
    return { pipeline: this.#document.name, workspaceId, name, definitionId, configuration };
  }

  /** Compares the actor with what the document asks for. */
  plan(desired: ActorToPlan): Promise<PlannedActor> {
    return this.#activities(`Compare ${this.label}`).plan(desired);
  }

  /** Finds, creates or updates the actor. */
  apply(desired: ActorToPlan): Promise<AppliedActor> {
    return this.#activities(`Set up ${this.label}`).apply(desired);
  }

  /**
   * Checks the actor after it was applied. Airbyte masks secrets, so `apply` does not see that a secret has changed. When
   * the check of an actor that was left as it was fails, its configuration is therefore sent again and it is checked again.
   *
   * @returns false where this Airbyte has no checks
   */
  async check({ actorId, created, updated }: AppliedActor, desired: ActorToPlan): Promise<boolean> {
    const wasLeft = !created && !updated;
    const check = () => this.#activities(`Check ${this.label}`).check(actorId, desired.configuration);
    try {
      await check();
      return true;
    } catch (error) {
      if (hasType(error, 'AirbyteUnsupported')) {
        // Without a check nothing shows that a secret has changed, so the configuration is sent again.
        if (wasLeft && findSecretReferences(desired.configuration).length > 0) await this.#sendAgain(desired);
        return false;
      }
      if (!hasType(error, 'AirbyteCheckFailed') || !wasLeft) throw error;
      await this.#sendAgain(desired).catch((reason: unknown) => {
        // Where the server cannot update the actor, the failed check is the failure to report.
        throw hasType(reason, 'AirbyteUnsupported') || hasType(reason, 'AirbyteNotFound') ? error : reason;
      });
      await check();
      return true;
    }
  }

  #sendAgain(desired: ActorToPlan): Promise<AppliedActor> {
    return this.#activities(`Send the configuration of ${this.label} again`).apply({ ...desired, update: true });
  }

  /** `the source shop` */
  get label(): string {
    return `the ${this.kind} ${this.#document[this.kind].name}`;
  }

  #activities(purpose: string) {
    return ACTIVITIES[this.kind](airbyteCalls(this.#withinMs, purpose));
  }
}
