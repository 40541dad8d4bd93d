import { log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { ifFound, ifSupported, ifTold } from '../src/airbyte/if-found';
import type { ListOptions } from '../src/airbyte/resources';
import type { Definition } from '../src/airbyte/schemas';
import { formatPath } from '../src/pipeline/field-path';
import {
  findLiteralSecrets,
  findLiteralsOfSpecification,
  howToWriteSecret,
  replaceSecrets,
} from '../src/pipeline/literal-secrets';
import type { FieldChange, PlannedObject } from '../src/pipeline/plan';
import { mapLeaves } from '../src/pipeline/secret-references';
import type { SecretResolver } from '../src/pipeline/secrets';
import { MASK } from '../src/secret-masking';
import { type AttemptedChanges, attemptedBefore } from './attempts';
import { type ConfigurationChange, findConfigurationChanges, valueAt } from './configuration-changes';
import { createOnce } from './create-once';
import { idFromEarlierRun } from './earlier-run';
import { failure } from './failures';
import { report } from './heartbeating';

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
  create(actor: Omit<WantedActor, 'update' | 'pipeline'>): Promise<Actor>;
  update(actor: Pick<Actor, 'actorId' | 'name'> & Pick<WantedActor, 'configuration'>): Promise<unknown>;
  /** Fails with `AirbyteNotFound` when there is no such actor. */
  check(actorId: string): Promise<unknown>;
  /** The connector's specification, a JSON Schema. */
  specification(definitionId: string, workspaceId: string): Promise<unknown>;
  definitions(workspaceId: string): Promise<Definition[]>;
}

/** What a pipeline wants of a source or a destination. Secrets are named in the configuration, never written. */
export interface WantedActor {
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
}

/** What a plan has to know beside what is wanted. */
export interface ActorToPlan extends Omit<WantedActor, 'update'> {
  /** Its earlier runs tell what is there where Airbyte cannot. */
  pipeline: string;
}

/**
 * Finds an actor by its name in the workspace, and creates it only where there is none: running it again, also after an
 * answer that was lost, ends in the same actor.
 *
 * @throws ApplicationFailure of type `AirbyteConflict` when the name is not unique, or is another connector's
 */
export async function findOrCreateActor(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: WantedActor,
): Promise<{ actor: Actor; created: boolean }> {
  const { kind } = calls;
  const { workspaceId, name, definitionId } = wanted;
  const existing = await findActor(calls, wanted);
  if (existing) return { actor: existing, created: attemptedBefore().creating === true };
  await refuseLiteralSecrets(calls, wanted);
  const configuration = await resolveSecrets(calls, secrets, wanted);
  const { found: actor, created } = await createOnce({
    of: { kind, workspaceId, name },
    find: () => findInWholeList(calls, wanted),
    create: () => calls.create({ workspaceId, name, definitionId, configuration }),
  });
  if (created) log.info(`Created the ${kind} '${name}'`, { actorId: actor.actorId });
  return { actor, created };
}

/** @throws ApplicationFailure of type `AirbyteConflict` when the name is not unique, or is another connector's */
async function findActor(calls: ActorCalls, wanted: WantedActor, pipeline?: string): Promise<Actor | undefined> {
  const actors = await ifSupported(calls.list(wanted.workspaceId));
  return refuseOtherConnector(
    calls,
    wanted,
    actors ? await pickByName(calls, actors, wanted) : await findNoted(calls, wanted.name, pipeline),
  );
}

/**
 * Looks for an actor where only the whole list will do: what is not in it is created. A server without a list has none.
 *
 * @throws AirbyteError `AirbyteUnavailable` where the list cannot be read to its end
 */
async function findInWholeList(calls: ActorCalls, wanted: WantedActor): Promise<Actor | undefined> {
  const actors = (await ifSupported(calls.list(wanted.workspaceId, { whole: true }))) ?? [];
  return refuseOtherConnector(calls, wanted, await pickByName(calls, actors, wanted));
}

function refuseOtherConnector(
  { kind }: ActorCalls,
  { name, definitionId }: WantedActor,
  existing: Actor | undefined,
): Actor | undefined {
  if (existing?.definitionId !== undefined && existing.definitionId !== definitionId) {
    throw failure(
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
  wanted: WantedActor,
): Promise<AppliedActor> {
  const { actor, created } = await findOrCreateActor(calls, secrets, wanted);
  const { actorId, name } = actor;
  if (created) return { actorId, created, updated: false };
  const configuration = await resolveSecrets(calls, secrets, wanted);
  const changes = wanted.update === true || changesOf(actor, wanted, configuration).length > 0;
  if (changes) {
    await refuseLiteralSecrets(calls, wanted);
    report({ updated: ['configuration'] } satisfies AttemptedChanges);
    await calls.update({ actorId, name, configuration });
    log.info(`Updated the ${calls.kind} '${name}'`, { actorId });
  }
  return { actorId, created, updated: changes || attemptedBefore().updated !== undefined };
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
): Promise<PlannedObject> {
  const { name } = wanted;
  const existing = (await findActor(calls, wanted, wanted.pipeline)) ?? (await findInWholeList(calls, wanted));
  const configuration = await resolveSecrets(calls, secrets, wanted);
  const changes = existing ? changesOf(existing, wanted, configuration) : [];
  if (existing && changes.length === 0) return { action: 'leave', name, id: existing.actorId, changes: [] };
  const specification = await refuseLiteralSecrets(calls, wanted);
  if (!existing) return { action: 'create', name, id: null, changes: [] };
  const shown = mapLeaves(
    replaceSecrets(existing.configuration ?? {}, specification, () => MASK),
    [],
    (value) => (typeof value === 'string' ? secrets.mask(value) : value),
  );
  const planned = changes.map(({ path, wanted: to }): FieldChange => {
    const from = valueAt(shown, path);
    return { field: formatPath(['configuration', ...path]), ...(from !== undefined && { from }), to };
  });
  return { action: 'change', name, id: existing.actorId, changes: planned };
}

/** In what an actor's configuration differs, as far as Airbyte tells what it has. */
function changesOf({ configuration }: Actor, wanted: WantedActor, resolved: unknown): ConfigurationChange[] {
  return configuration === undefined ? [] : findConfigurationChanges(wanted.configuration, resolved, configuration);
}

/** A configuration that is to be sent, and for which connector. */
type Addressed = Pick<WantedActor, 'configuration' | 'pipeline'> &
  Partial<Pick<WantedActor, 'definitionId' | 'workspaceId'>>;

/**
 * A configuration with its secrets in it: to be sent, and nothing else.
 *
 * @throws ApplicationFailure of type `InvalidInput` when a secret stands in the configuration as it is
 * @throws SecretError when a secret that it names cannot be resolved, or may not go there by the worker's rules
 */
async function resolveSecrets(
  calls: ActorCalls,
  secrets: SecretResolver,
  wanted: Addressed,
): Promise<Record<string, unknown>> {
  const { configuration, pipeline } = wanted;
  const path = [calls.kind, 'configuration'];
  refuseLiterals(findLiteralSecrets(configuration, path).map(formatPath));
  if (secrets.rules === undefined) return secrets.resolve(configuration, path);
  const definition = secrets.rules.askForDefinition(configuration) ? await namesOfDefinition(calls, wanted) : undefined;
  return secrets.resolve(configuration, path, { pipeline, definition });
}

/** What a rule may call the connector. It is asked of Airbyte, since a caller may say anything. */
async function namesOfDefinition(
  calls: ActorCalls,
  { definitionId, workspaceId }: Addressed,
): Promise<string[] | undefined> {
  if (definitionId === undefined) return undefined;
  const definitions = workspaceId === undefined ? [] : ((await ifSupported(calls.definitions(workspaceId))) ?? []);
  const { name, dockerRepository } = definitions.find((each) => each.definitionId === definitionId) ?? {};
  return [name, definitionId, dockerRepository].filter((each) => each !== undefined);
}

/**
 * Sends an actor's configuration anew.
 *
 * @param get reads the actor, where rules ask which connector it is made of
 */
export async function updateActor<T>(
  calls: ActorCalls,
  secrets: SecretResolver,
  configuration: Record<string, unknown>,
  steps: {
    get(): Promise<Partial<Pick<WantedActor, 'definitionId' | 'workspaceId'>>>;
    update(resolved: Record<string, unknown>): Promise<T>;
  },
): Promise<T> {
  const actor = secrets.rules?.askForDefinition(configuration) ? await steps.get() : {};
  return steps.update(await resolveSecrets(calls, secrets, { ...actor, configuration }));
}

async function pickByName(
  calls: ActorCalls,
  actors: readonly Actor[],
  { name }: WantedActor,
): Promise<Actor | undefined> {
  const [match, ...others] = actors.filter((actor) => actor.name === name);
  if (others.length > 0 && match) {
    const ids = [match, ...others].map(({ actorId }) => actorId).join(', ');
    throw failure(
      'AirbyteConflict',
      `Several ${calls.kind}s are named '${name}': ${ids}. Rename or delete all but one.`,
    );
  }
  return match && whole(calls, match);
}

/** An actor with its configuration, which a list leaves out where those of all its actors are too large together. */
async function whole(calls: ActorCalls, listed: Actor): Promise<Actor> {
  if (listed.configuration !== undefined) return listed;
  return (await ifTold(calls.get(listed.actorId))) ?? listed;
}

/** The actor that an earlier run of the pipeline has noted, if it still exists. */
async function findNoted({ kind, check }: ActorCalls, name: string, pipeline?: string): Promise<Actor | undefined> {
  const actorId = await idFromEarlierRun(kind, name, pipeline);
  if (actorId === undefined) return undefined;
  // A server that lacks the check tells nothing: what was noted stands.
  const checked = ifSupported(check(actorId)).then(() => true);
  return (await ifFound(checked)) ? { actorId, name } : undefined;
}

/**
 * Names alone do not tell every secret: the connector's specification does, where the server gives it.
 *
 * @returns the specification
 */
async function refuseLiteralSecrets(
  calls: ActorCalls,
  { definitionId, workspaceId, configuration }: WantedActor,
): Promise<unknown> {
  const specification = await calls.specification(definitionId, workspaceId).catch((error: unknown) => {
    if (error instanceof AirbyteError && !error.retryable) return undefined;
    throw error;
  });
  refuseLiterals(findLiteralsOfSpecification(configuration, specification, [calls.kind, 'configuration']));
  return specification;
}

function refuseLiterals(paths: string[]): void {
  if (paths.length > 0) {
    throw failure('InvalidInput', paths.map((path) => `${path} ${howToWriteSecret(path)}.`).join('\n'));
  }
}
