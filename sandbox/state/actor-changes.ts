import { randomUUID } from 'node:crypto';
import { reasonOf } from '../connectors/error-reason';
import { ExactNumber } from '../connectors/exact-json';
import type { SaveConfiguration } from '../connectors/protocol';
import type { ConnectorDefinition } from '../connectors/registry';
import { assertValidConfiguration } from './configuration-check';
import type { Definitions } from './definitions';
import { type Actor, type ActorKind, liveConnectionsOf, nowInSeconds } from './resources';
import { maskSecrets, restoreMaskedSecrets } from './secret-masking';
import type { Store } from './store';

type Configuration = Record<string, unknown>;

/** What the functions of this file work on. */
interface ActorContext {
  store: Store;
  definitions: Definitions;
}

/** The configuration of an actor, or one that is not saved yet. */
export type ActorConfiguration = Pick<Actor, 'kind' | 'definitionId' | 'configuration'> &
  Partial<Pick<Actor, 'actorId'>>;

type DefinitionContext = Pick<ActorContext, 'definitions'>;

interface NewActor {
  workspaceId: string;
  name: string;
  definitionId: string;
  configuration: Configuration;
}

/** Creates a source or destination. @throws NotFoundError, BadObjectSchemaError */
export async function createActor(kind: ActorKind, request: NewActor, context: ActorContext): Promise<Actor> {
  const workspace = context.store.workspace(request.workspaceId);
  const definition = context.definitions.get(kind, request.definitionId);
  assertValidConfiguration(request.configuration, await context.definitions.specification(definition));
  const actor: Actor = {
    kind,
    actorId: randomUUID(),
    definitionId: definition.definitionId,
    workspaceId: workspace.workspaceId,
    name: request.name,
    configuration: request.configuration,
    createdAt: nowInSeconds(),
    deleted: false,
    connections: [],
  };
  context.store.actors.set(actor.actorId, actor);
  return actor;
}

/**
 * Replaces the name and the configuration of an actor. A secret that the caller sends back masked keeps its value.
 *
 * @throws BadObjectSchemaError
 */
export async function replaceActor(
  actor: Actor,
  { name, configuration }: { name: string; configuration: Configuration },
  context: DefinitionContext,
): Promise<void> {
  actor.configuration = await updatedConfiguration(actor, configuration, context);
  actor.name = name;
}

/**
 * The configuration that an actor would have after an update. A secret that the caller sends back masked keeps its value.
 *
 * @throws BadObjectSchemaError
 */
export async function updatedConfiguration(
  actor: Actor,
  configuration: Configuration,
  context: DefinitionContext,
): Promise<Configuration> {
  const specification = await context.definitions.specification(definitionOf(actor, context));
  const updated = restoreMaskedSecrets(configuration, actor.configuration, specification);
  assertValidConfiguration(updated, specification);
  return updated;
}

/**
 * Returns a function that saves the configuration that an actor's connector sends while it runs. As in Airbyte, a
 * configuration that does not fulfil its specification is dropped with a warning.
 */
export function configurationSaver(actor: Actor, context: DefinitionContext): SaveConfiguration {
  return async (configuration) => {
    try {
      await replaceActor(actor, { name: actor.name, configuration }, context);
    } catch (error) {
      process.emitWarning(`the configuration that ${actor.name} sent could not be saved: ${reasonOf(error)}`);
    }
  };
}

/**
 * Changes the given fields of an actor, and the given fields of its configuration. As in Airbyte, every value is taken
 * as it is, even the mask of a secret.
 *
 * @throws BadObjectSchemaError
 */
export async function patchActor(
  actor: Actor,
  { name, configuration }: { name?: string | undefined; configuration?: Configuration | undefined },
  context: DefinitionContext,
): Promise<void> {
  const updated = configuration === undefined ? actor.configuration : merged(actor.configuration, configuration);
  assertValidConfiguration(updated, await context.definitions.specification(definitionOf(actor, context)));
  actor.name = name ?? actor.name;
  actor.configuration = updated;
}

/** Deletes an actor and its connections. */
export function deleteActor(actor: Actor): void {
  for (const connection of liveConnectionsOf(actor)) connection.status = 'deprecated';
  actor.deleted = true;
}

/** The configuration with its secrets masked. */
export async function maskedConfiguration(actor: Actor, context: DefinitionContext): Promise<Configuration> {
  return maskSecrets(actor.configuration, await context.definitions.specification(definitionOf(actor, context)));
}

export function definitionOf(
  { kind, definitionId }: Pick<Actor, 'kind' | 'definitionId'>,
  { definitions }: DefinitionContext,
): ConnectorDefinition {
  return definitions.get(kind, definitionId);
}

function merged(stored: Configuration, update: Configuration): Configuration {
  const result = { ...stored };
  for (const [name, value] of Object.entries(update)) {
    const before = stored[name];
    result[name] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Configuration {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
