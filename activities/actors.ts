import { log } from '@temporalio/activity';
import { ifAvailable, ifFound, ifSupported } from '../src/airbyte/lookup/optional-responses';
import type { ListOptions } from '../src/airbyte/resources';
import type { Definition } from '../src/airbyte/schemas';
import type { ActorToPlan, AppliedActor, DesiredActor, PlannedActor } from '../src/contract/actor';
import { DomainError } from '../src/contract/domain-error';
import {
  compareActor,
  normalizedFieldsOfActor,
  notesOnSimilarActors,
  toFieldChanges,
} from '../src/reconcile/actor-difference';
import { assertNoLiteralSecrets, resolveSecrets } from '../src/reconcile/configuration-secrets';
import { type EarlierRun, findEarlierRun, idFromEarlierRun } from '../src/reconcile/earlier-pipeline-runs';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import { type AttemptedChanges, changesOfEarlierAttempts } from './attempted-changes';
import { createOnce } from './find-or-create';
import { report } from './heartbeat';

/** A source or a destination, which Airbyte calls an actor: the same life, under two names. */
export interface Actor {
  actorId: string;
  name: string;
  /** Left out where the server does not say. */
  definitionId?: string | undefined;
  /** Left out where it cannot be known. */
  configuration?: Record<string, unknown> | undefined;
}

/** The calls that differ between the two kinds. */
export interface ActorCalls {
  kind: 'source' | 'destination';
  list(workspaceId: string, options?: ListOptions): Promise<Actor[]>;
  get(actorId: string): Promise<Actor>;
  create(actor: Omit<DesiredActor, 'update' | 'pipeline'>): Promise<Actor>;
  /** @param actor.replaces the configuration is not only added to: what it leaves out is to go */
  update(
    actor: Pick<Actor, 'actorId' | 'name'> & Pick<DesiredActor, 'configuration'> & { replaces?: boolean },
  ): Promise<Actor>;
  /** Fails with `AirbyteNotFound` when there is no such actor. */
  check(actorId: string): Promise<unknown>;
  /** The connector's specification, a JSON Schema. */
  specification(definitionId: string, workspaceId: string): Promise<unknown>;
  definitions(workspaceId: string): Promise<Definition[]>;
}

interface FoundActor {
  actor: Actor;
  created: boolean;
  /** What an earlier run of the pipeline tells of it. */
  earlier?: EarlierRun | undefined;
  notes: string[];
}

/**
 * Finds an actor by its name in the workspace, or by what an earlier run of the pipeline has noted where it was renamed
 * since, and creates it only where there is none: running it again, also after a response that was lost, ends in the same
 * actor.
 *
 * @throws DomainError of type `AirbyteConflict` when the name is not unique, or is another connector's
 */
export async function findOrCreateActor(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: DesiredActor,
): Promise<FoundActor> {
  const { kind } = calls;
  const { workspaceId, name, definitionId } = wanted;
  const earlier = await findEarlierRun(kind, name);
  const existing = await findActor(calls, wanted, earlier);
  if (existing) return { actor: existing, created: changesOfEarlierAttempts().creating === true, earlier, notes: [] };
  await assertNoLiteralSecrets(calls, wanted);
  const configuration = await resolveSecrets(calls, secrets, wanted);
  let all: Actor[] = [];
  const { found: actor, created } = await createOnce({
    of: { kind, workspaceId, name },
    find: async () => {
      all = await listAll(calls, workspaceId);
      return pick(calls, all, wanted, earlier);
    },
    create: () => calls.create({ workspaceId, name, definitionId, configuration }),
  });
  if (created) log.info(`Created the ${kind} '${name}'`, { actorId: actor.actorId });
  return { actor, created, earlier, notes: created ? notesOnSimilarActors(calls, all, wanted, configuration) : [] };
}

/** @throws DomainError of type `AirbyteConflict` when the name is not unique, or is another connector's */
async function findActor(
  calls: ActorCalls,
  wanted: DesiredActor,
  earlier: EarlierRun | undefined,
  pipeline?: string,
): Promise<Actor | undefined> {
  const actors = await ifSupported(calls.list(wanted.workspaceId));
  if (actors) return pick(calls, actors, wanted, earlier);
  return assertSameConnector(calls, wanted, await findFromMemo(calls, wanted.name, pipeline));
}

/**
 * The list for those to whom only the whole list will do: what is not in it is created. A server without a list has none.
 *
 * @throws AirbyteError `AirbyteUnavailable` where the list cannot be read to its end
 */
async function listAll(calls: ActorCalls, workspaceId: string): Promise<Actor[]> {
  return (await ifSupported(calls.list(workspaceId, { requireComplete: true }))) ?? [];
}

/** The actor of the name; else the one that an earlier run has used under that name, whatever it is named now. */
async function pick(
  calls: ActorCalls,
  actors: readonly Actor[],
  wanted: DesiredActor,
  earlier: EarlierRun | undefined,
): Promise<Actor | undefined> {
  const found = pickByName(calls, actors, wanted) ?? actors.find(({ actorId }) => actorId === earlier?.note.id);
  return assertSameConnector(calls, wanted, found && (await whole(calls, found)));
}

function assertSameConnector(
  { kind }: ActorCalls,
  { name, definitionId }: DesiredActor,
  existing: Actor | undefined,
): Actor | undefined {
  if (existing?.definitionId !== undefined && existing.definitionId !== definitionId) {
    throw new DomainError(
      'AirbyteConflict',
      `The ${kind} '${name}' (${existing.actorId}) exists, but is made of the definition ${existing.definitionId}, ` +
        `not ${definitionId}. Give one of them another name.`,
    );
  }
  return existing;
}

/** The same as {@link findOrCreateActor}, and an actor whose configuration differs from what is wanted is updated. */
export async function applyActor(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: DesiredActor,
): Promise<AppliedActor> {
  const { actor, created, earlier, notes } = await findOrCreateActor(calls, secrets, wanted);
  const { actorId } = actor;
  const { name } = wanted;
  const configuration = await resolveSecrets(calls, secrets, wanted);
  /** What Airbyte has turned into something else; a response may say less than Airbyte has. */
  const findNormalizedFields = async (shown: Actor) => {
    const unkept = (each: Actor) => normalizedFieldsOfActor(calls, secrets, each, wanted, configuration);
    return unkept(shown).length === 0 ? [] : unkept(await calls.get(actorId).catch(() => shown));
  };
  if (created)
    return { actorId, created, updated: false, ...told({ notes, unkept: await findNormalizedFields(actor) }) };
  const difference = compareActor(calls, secrets, actor, wanted, configuration, earlier);
  const { changes, renamedTo, removesFields: replaces } = difference;
  const updates = wanted.update === true || changes.length > 0 || renamedTo !== undefined;
  let { unkept } = difference;
  if (updates) {
    await assertNoLiteralSecrets(calls, wanted);
    report({ updated: ['configuration'] } satisfies AttemptedChanges);
    unkept = await findNormalizedFields(await calls.update({ actorId, name, configuration, replaces }));
    log.info(`Updated the ${calls.kind} '${name}'`, { actorId });
  }
  const updated = updates || changesOfEarlierAttempts().updated !== undefined;
  return { actorId, created, updated, ...told({ notes: [...notes, ...difference.notes], unkept }) };
}

function told({ notes, unkept }: { notes: string[]; unkept: string[] }): Pick<AppliedActor, 'notes' | 'unkept'> {
  return { ...(notes.length > 0 && { notes }), ...(unkept.length > 0 && { unkept }) };
}

/**
 * What {@link applyActor} would do, without doing it. What Airbyte has now is told without its secrets, also by a server
 * that does not mask them.
 *
 * @throws whatever `applyActor` would refuse
 */
export async function planActor(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: ActorToPlan,
): Promise<PlannedActor> {
  const { name, pipeline, workspaceId } = wanted;
  const earlier = await findEarlierRun(calls.kind, name, pipeline);
  let existing = await findActor(calls, wanted, earlier, pipeline);
  const configuration = await resolveSecrets(calls, secrets, wanted);
  let notes: string[] = [];
  if (existing === undefined) {
    const all = await listAll(calls, workspaceId);
    existing = await pick(calls, all, wanted, earlier);
    if (existing === undefined) notes = notesOnSimilarActors(calls, all, wanted, configuration);
  }
  const difference = existing && compareActor(calls, secrets, existing, wanted, configuration, earlier);
  notes.push(...(difference?.notes ?? []));
  const noted = notes.length > 0 ? { notes } : {};
  if (existing && difference && difference.changes.length === 0 && difference.renamedTo === undefined) {
    return { action: 'leave', name, id: existing.actorId, changes: [], ...noted };
  }
  const specification = await assertNoLiteralSecrets(calls, wanted);
  if (!existing || !difference) return { action: 'create', name, id: null, changes: [], ...noted };
  const changes = toFieldChanges(difference, existing, name, specification, secrets);
  return { action: 'change', name, id: existing.actorId, changes, ...noted };
}

function pickByName(calls: ActorCalls, actors: readonly Actor[], { name }: DesiredActor): Actor | undefined {
  const [match, ...others] = actors.filter((actor) => actor.name === name);
  if (others.length > 0 && match) {
    const ids = [match, ...others].map(({ actorId }) => actorId).join(', ');
    throw new DomainError(
      'AirbyteConflict',
      `Several ${calls.kind}s are named '${name}': ${ids}. Rename or delete all but one.`,
    );
  }
  return match;
}

/** An actor with its configuration, which a list leaves out where those of all its actors are too large together. */
async function whole(calls: ActorCalls, listed: Actor): Promise<Actor> {
  if (listed.configuration !== undefined) return listed;
  return (await ifAvailable(calls.get(listed.actorId))) ?? listed;
}

/** The actor that an earlier run of the pipeline has noted, if it still exists. */
async function findFromMemo({ kind, check }: ActorCalls, name: string, pipeline?: string): Promise<Actor | undefined> {
  const actorId = await idFromEarlierRun(kind, name, pipeline);
  if (actorId === undefined) return undefined;
  // A server that lacks the check tells nothing: what was noted stands.
  const checked = ifSupported(check(actorId)).then(() => true);
  return (await ifFound(checked)) ? { actorId, name } : undefined;
}
