import type { ActorToPlan, AppliedActor, PlannedActor } from '../src/contract/actor';
import type { PipelineDocument } from '../src/contract/pipeline-document';
import { findSecretReferences } from '../src/text/secrets/secret-references';
import { airbyteCalls } from './activity-options';
import { hasType, withContext } from './failures';

export type ActorKind = 'source' | 'destination';

/** The activities for sources and for destinations, under the same names. */
const ACTIVITIES = {
  source: (airbyte: ReturnType<typeof airbyteCalls>) => ({
    findDefinition: airbyte.findSourceDefinition,
    plan: airbyte.planSource,
    apply: airbyte.applySource,
    checkConfiguration: airbyte.checkSourceConfiguration,
    check: (sourceId: string, configuration: ActorToPlan['configuration']) =>
      airbyte.checkSource({ sourceId, configuration }),
  }),
  destination: (airbyte: ReturnType<typeof airbyteCalls>) => ({
    findDefinition: airbyte.findDestinationDefinition,
    plan: airbyte.planDestination,
    apply: airbyte.applyDestination,
    checkConfiguration: airbyte.checkDestinationConfiguration,
    check: (destinationId: string, configuration: ActorToPlan['configuration']) =>
      airbyte.checkDestination({ destinationId, configuration }),
  }),
};

/** What a check before the apply has found. */
export interface CheckedActor {
  planned: PlannedActor;
  /** Whether the configuration has passed its check. If not, this Airbyte checks only what is saved, or nothing. */
  isChecked: boolean;
  /**
   * Whether the configuration is sent although no field differs: Airbyte masks secrets, so the plan does not see that a secret
   * has changed. The check shows it.
   */
  resends: boolean;
}

/** What a run has done with an actor, and whether it was checked. */
export interface CheckedApply {
  applied: AppliedActor;
  isChecked: boolean;
}

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

  /**
   * Checks the configuration before anything is saved. An actor that is left as it is is checked with the saved configuration.
   * If that fails, one of its secrets may have changed, so the configuration of the document is checked, too.
   */
  async checkBeforeApply(planned: PlannedActor, desired: ActorToPlan): Promise<CheckedActor> {
    const { checkConfiguration, check } = this.#activities(`Check ${this.label}`);
    const { action, id } = planned;
    if (action !== 'leave' || id === null) {
      return { planned, isChecked: await checkConfiguration({ ...desired, id }), resends: false };
    }
    try {
      await check(id, desired.configuration);
      return { planned, isChecked: true, resends: false };
    } catch (error) {
      if (hasType(error, 'AirbyteUnsupported')) return { planned, isChecked: false, resends: false };
      if (!hasType(error, 'AirbyteCheckFailed')) throw error;
      const isChecked = await checkConfiguration({ ...desired, id });
      return { planned, isChecked, resends: isChecked };
    }
  }

  /**
   * Creates, changes or leaves the actor as planned, and then checks it if that was not possible before.
   *
   * @param onApplied called before that check, so that it is known what was saved also if the check fails
   */
  async applyChecked(
    { planned, isChecked, resends }: CheckedActor,
    desired: ActorToPlan,
    onApplied: (applied: AppliedActor) => void,
  ): Promise<CheckedApply> {
    const applied = await this.#applyPlanned(planned, resends, desired);
    if (isChecked) return { applied, isChecked };
    onApplied(applied);
    try {
      return await this.check(applied, desired);
    } catch (error) {
      if (!applied.created && !applied.updated) throw error;
      throw withContext(`This Airbyte checks only what is saved, and the check of ${this.label} failed`, error);
    }
  }

  async #applyPlanned(planned: PlannedActor, resends: boolean, desired: ActorToPlan): Promise<AppliedActor> {
    const { action, id, notes, noted } = planned;
    if (resends) return this.#sendAgain(desired);
    if (action !== 'leave' || id === null) return this.apply(desired);
    const unkept = noted?.unkept;
    return { actorId: id, created: false, updated: false, ...(notes && { notes }), ...(unkept && { unkept }) };
  }

  /** Finds, creates or updates the actor. */
  apply(desired: ActorToPlan): Promise<AppliedActor> {
    return this.#activities(`Set up ${this.label}`).apply(desired);
  }

  /**
   * Checks the actor after it was applied. When the check of an actor that was left as it was fails, its configuration is sent
   * again and it is checked again, since a secret may have changed.
   *
   * @returns the actor as it was left or sent again, and whether this Airbyte has checks
   */
  async check(applied: AppliedActor, desired: ActorToPlan): Promise<CheckedApply> {
    const { actorId, created, updated } = applied;
    const wasLeft = !created && !updated;
    const check = () => this.#activities(`Check ${this.label}`).check(actorId, desired.configuration);
    try {
      await check();
      return { applied, isChecked: true };
    } catch (error) {
      if (hasType(error, 'AirbyteUnsupported')) {
        // Without a check nothing shows that a secret has changed, so the configuration is sent again.
        const sends = wasLeft && findSecretReferences(desired.configuration).length > 0;
        return { applied: sends ? await this.#sendAgain(desired) : applied, isChecked: false };
      }
      if (!hasType(error, 'AirbyteCheckFailed') || !wasLeft) throw error;
      const sent = await this.#sendAgain(desired).catch((reason: unknown) => {
        // Where the server cannot update the actor, the failed check is the failure to report.
        throw hasType(reason, 'AirbyteUnsupported') || hasType(reason, 'AirbyteNotFound') ? error : reason;
      });
      await check();
      return { applied: sent, isChecked: true };
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
