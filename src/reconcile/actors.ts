import type { CallOptions } from '../airbyte/calls';
import { ifAvailable, ifFound, ifSupported } from '../airbyte/lookup/optional-responses';
import type { ConnectionCheck } from '../airbyte/resources';
import type { ActorToCheck, ActorToPlan, AppliedActor, DesiredActor, PlannedActor } from '../contract/actor';
import { DomainError } from '../contract/domain-error';
import type { SecretResolver } from '../secrets/secret-resolver';
import type { EarlierRun } from '../temporal/pipeline-runs';
import type { Actor, ActorCalls, ChangedActor } from './actor-calls';
import { compareActor, normalizedFieldsOfActor, notesOnSimilarActors, toFieldChanges } from './actor-difference';
import { assertNoLiteralSecrets, resolveSecrets } from './configuration-secrets';
import { createOnce } from './creation';
import { Lookup } from './lookup/id-or-name';
import { notedAgain } from './normalized-fields';
import type { ReconcilePorts } from './ports';

type ActorToFind = Pick<DesiredActor, 'workspaceId' | 'name' | 'definitionId'>;

interface FoundActor {
  actor: Actor;
  created: boolean;
  /** What an earlier run of the pipeline knows of it. */
  earlier?: EarlierRun | undefined;
  notes: string[];
}

/** Makes the sources or the destinations in Airbyte what pipelines desire. */
export class ActorReconciler {
  readonly #kind: ActorCalls['kind'];

  constructor(
    private readonly calls: ActorCalls,
    private readonly secrets: SecretResolver,
    private readonly ports: ReconcilePorts,
  ) {
    this.#kind = calls.kind;
  }

  /**
   * Finds an actor by its name in the workspace, or by the memo of an earlier run of the pipeline when it was renamed since
   * then, and creates it when there is none. A repeated call finds the same actor, also after a lost response.
   *
   * @throws DomainError `AirbyteConflict` when several actors have the name, or one of another connector has it
   */
  async findOrCreate(desired: DesiredActor): Promise<FoundActor> {
    const { workspaceId, name, definitionId } = desired;
    const earlier = await this.ports.runs.findEarlierRun(this.#kind, name);
    const existing = await this.#find(desired, earlier);
    if (existing) return { actor: existing, created: this.ports.earlier.creating === true, earlier, notes: [] };
    await assertNoLiteralSecrets(this.calls, desired);
    const configuration = await resolveSecrets(this.calls, this.secrets, desired);
    let all: Actor[] = [];
    const creation = {
      key: { kind: this.#kind, workspaceId, name },
      find: async () => {
        all = await this.#listAll(workspaceId);
        return this.#pickActor(all, desired, earlier);
      },
      create: () => this.calls.create({ workspaceId, name, definitionId, configuration }),
    };
    const { found: actor, created } = await createOnce(creation, this.ports);
    if (created) this.ports.logger.info(`Created the ${this.#kind} '${name}'`, { actorId: actor.actorId });
    const notes = created ? notesOnSimilarActors(this.calls, all, desired, configuration) : [];
    return { actor, created, earlier, notes };
  }

  /** Does the same as {@link findOrCreate}, and updates an actor whose configuration differs from the desired one. */
  async apply(desired: DesiredActor): Promise<AppliedActor> {
    const { actor, created, earlier, notes } = await this.findOrCreate(desired);
    const { actorId } = actor;
    const { name } = desired;
    const configuration = await resolveSecrets(this.calls, this.secrets, desired);
    const findNormalizedFields = (shown: Actor) => this.#findNormalizedFields(shown, desired, configuration);
    if (created) {
      const unkept = await findNormalizedFields(actor);
      return { actorId, created, updated: false, ...omitEmpty({ notes, unkept }) };
    }
    const difference = compareActor(this.calls, this.secrets, actor, desired, configuration, earlier);
    const { changes, renamedTo, removesFields: replaces } = difference;
    const updates = desired.update === true || changes.length > 0 || renamedTo !== undefined;
    let { unkept } = difference;
    if (updates) {
      await assertNoLiteralSecrets(this.calls, desired);
      this.ports.report({ updated: ['configuration'] });
      unkept = await findNormalizedFields(await this.calls.update({ actorId, name, configuration, replaces }));
      this.ports.logger.info(`Updated the ${this.#kind} '${name}'`, { actorId });
    }
    const updated = updates || this.ports.earlier.updated !== undefined;
    return { actorId, created, updated, ...omitEmpty({ notes: [...notes, ...difference.notes], unkept }) };
  }

  /**
   * Checks the configuration that the pipeline desires, before it is saved.
   *
   * @throws AirbyteError where this Airbyte cannot check one that is not saved; what `apply` throws of secrets
   */
  async checkConfiguration(desired: ActorToCheck, options?: CallOptions): Promise<ConnectionCheck> {
    const { id, workspaceId, name, definitionId } = desired;
    const configuration = await resolveSecrets(this.calls, this.secrets, desired);
    return id === null
      ? this.calls.checkForCreate({ workspaceId, definitionId, configuration }, options)
      : this.calls.checkForUpdate({ actorId: id, name, configuration }, options);
  }

  /**
   * Finds out what {@link apply} would do, and changes nothing. The plan shows no secret of Airbyte's present configuration,
   * even if the server does not mask its secrets.
   *
   * @throws what `apply` would throw before it changes anything
   */
  async plan(desired: ActorToPlan): Promise<PlannedActor> {
    const { name, workspaceId } = desired;
    const earlier = await this.ports.runs.findEarlierRun(this.#kind, name);
    let existing = await this.#find(desired, earlier);
    const configuration = await resolveSecrets(this.calls, this.secrets, desired);
    let notes: string[] = [];
    if (existing === undefined) {
      const all = await this.#listAll(workspaceId);
      existing = await this.#pickActor(all, desired, earlier);
      if (existing === undefined) notes = notesOnSimilarActors(this.calls, all, desired, configuration);
    }
    const difference = existing && compareActor(this.calls, this.secrets, existing, desired, configuration, earlier);
    notes.push(...(difference?.notes ?? []));
    const noted = notes.length > 0 ? { notes } : {};
    if (existing && difference && difference.changes.length === 0 && difference.renamedTo === undefined) {
      const again = notedAgain(difference.unkept, earlier?.note, existing.actorId);
      return { action: 'leave', name, id: existing.actorId, changes: [], ...noted, ...again };
    }
    const specification = await assertNoLiteralSecrets(this.calls, desired);
    if (!existing || !difference) return { action: 'create', name, id: null, changes: [], ...noted };
    const changes = toFieldChanges(difference, existing, name, specification, this.secrets);
    const managedBy = await this.#findManager(existing.actorId, desired, earlier);
    return {
      ...{ action: 'change', name, id: existing.actorId, changes },
      ...(managedBy !== undefined && { managedBy }),
      ...noted,
    };
  }

  /** Replaces the name and the configuration of an actor. */
  async update({ actorId, name, configuration }: Omit<ChangedActor, 'replaces'>): Promise<Actor> {
    // Rules for secrets may ask which connector the actor uses.
    const actor = this.secrets.rules?.needsDefinition(configuration) ? await this.calls.get(actorId) : {};
    const resolved = await resolveSecrets(this.calls, this.secrets, { ...actor, configuration });
    return this.calls.update({ actorId, name, configuration: resolved });
  }

  /** The other pipeline that manages an actor, which a change of it would affect. */
  async #findManager(
    id: string,
    { workspaceId, pipeline }: ActorToPlan,
    earlier: EarlierRun | undefined,
  ): Promise<string | undefined> {
    const connectionIds = (await ifAvailable(this.calls.connectionIds(workspaceId, id))) ?? [];
    return this.ports.runs.findManager({ kind: this.#kind, id, connectionIds }, pipeline, earlier?.note);
  }

  async #find(desired: ActorToFind, earlier: EarlierRun | undefined): Promise<Actor | undefined> {
    const actors = await ifSupported(this.calls.list(desired.workspaceId));
    if (actors) return this.#pickActor(actors, desired, earlier);
    return this.#assertSameConnector(desired, await this.#findFromMemo(desired.name));
  }

  /**
   * Reads the whole list, because an actor that it lacks will be created. A server without a list has none.
   *
   * @throws AirbyteError `AirbyteUnavailable` when the list cannot be read to its end
   */
  async #listAll(workspaceId: string): Promise<Actor[]> {
    return (await ifSupported(this.calls.list(workspaceId, { requireComplete: true }))) ?? [];
  }

  /** The actor of the name; else the one that an earlier run used under that name, whatever its name is now. */
  async #pickActor(
    actors: readonly Actor[],
    desired: ActorToFind,
    earlier: EarlierRun | undefined,
  ): Promise<Actor | undefined> {
    const lookup = new Lookup(actors, ({ actorId, name }) => ({ id: actorId, name }));
    const named = lookup.onlyByName(desired.name, this.#kind, 'Rename or delete all but one.');
    const found = named ?? lookup.byId(earlier?.note.id);
    return this.#assertSameConnector(desired, found && (await this.#withConfiguration(found)));
  }

  #assertSameConnector({ name, definitionId }: ActorToFind, existing: Actor | undefined): Actor | undefined {
    if (existing?.definitionId !== undefined && existing.definitionId !== definitionId) {
      throw new DomainError(
        'AirbyteConflict',
        `The ${this.#kind} '${name}' (${existing.actorId}) exists, but is made of the definition ${existing.definitionId}, ` +
          `not ${definitionId}. Give one of them another name.`,
      );
    }
    return existing;
  }

  /** A list leaves out the configurations when those of all its actors are too large together. */
  async #withConfiguration(listed: Actor): Promise<Actor> {
    if (listed.configuration !== undefined) return listed;
    return (await ifAvailable(this.calls.get(listed.actorId))) ?? listed;
  }

  /** Finds the actor that an earlier run of the pipeline noted, if it still exists. */
  async #findFromMemo(name: string): Promise<Actor | undefined> {
    const actorId = await this.ports.runs.findId(this.#kind, name);
    if (actorId === undefined) return undefined;
    // A server without the check cannot contradict the memo.
    const checked = ifSupported(this.calls.check(actorId)).then(() => true);
    return (await ifFound(checked)) ? { actorId, name } : undefined;
  }

  /** Finds the fields that Airbyte changed when it stored them. A response may show less of an actor than Airbyte has. */
  async #findNormalizedFields(shown: Actor, desired: DesiredActor, configuration: unknown): Promise<string[]> {
    const unkept = (actor: Actor) => normalizedFieldsOfActor(this.calls, this.secrets, actor, desired, configuration);
    return unkept(shown).length === 0 ? [] : unkept(await this.calls.get(shown.actorId).catch(() => shown));
  }
}

function omitEmpty({ notes, unkept }: { notes: string[]; unkept: string[] }): Pick<AppliedActor, 'notes' | 'unkept'> {
  return { ...(notes.length > 0 && { notes }), ...(unkept.length > 0 && { unkept }) };
}
