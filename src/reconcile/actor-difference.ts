import type { DesiredActor } from '../contract/actor';
import type { FieldChange } from '../contract/pipeline-plan';
import type { SecretResolver } from '../secrets/secret-resolver';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { type FieldPath, formatPath } from '../text/field-path';
import { MASK } from '../text/masking/mask';
import { replaceSecrets } from '../text/secrets/literal-secrets';
import { mapLeaves } from '../text/secrets/secret-references';
import type { Actor, ActorCalls } from './actor-calls';
import {
  type ConfigurationChange,
  findConfigurationChanges,
  findRemovedFields,
  valueAt,
} from './configuration-difference';
import { limitValue } from './listing-limits';
import { digestOf, limitDigests, notesOnNormalizedFields, splitKnownDifferences } from './normalized-fields';

/** How an existing source or destination differs from the desired one. */
export interface ActorDifference {
  changes: ConfigurationChange[];
  /** The name that it has in Airbyte; left out when it is the desired one. */
  renamedTo?: string;
  /** Whether fields are removed, so that an update must replace the configuration instead of adding to it. */
  removesFields: boolean;
  /** Digests of the fields that Airbyte changed when it stored them. The run notes them again. */
  unkept: string[];
  /** What a user should know. */
  notes: string[];
}

/** Compares an actor with the desired one, and with the one that an earlier run of the pipeline applied. */
export function compareActor(
  { kind }: Pick<ActorCalls, 'kind'>,
  secrets: SecretResolver,
  actor: Actor,
  desired: Pick<DesiredActor, 'name' | 'configuration'>,
  resolved: unknown,
  earlier?: EarlierRun,
): ActorDifference {
  const { name } = desired;
  const all = changesOf(actor, desired, resolved);
  const shown = withoutSecrets(actor, undefined, secrets);
  const split = splitKnownDifferences(all, earlier?.note.unkept ?? [], (change) => ({
    field: titleOf(change.path),
    digest: digestOfChange(kind, change, shown),
  }));
  const before = earlier?.document?.[kind];
  const removedFields =
    before?.name === name ? findRemovedFields(before.configuration, desired.configuration, actor.configuration) : [];
  const isRenamed = actor.name !== name;
  return {
    changes: [...split.left, ...removedFields],
    ...(isRenamed && { renamedTo: actor.name }),
    removesFields: removedFields.length > 0,
    unkept: limitDigests(split.unkept),
    notes: [
      ...(isRenamed ? [noteOnRenamed(kind, actor.actorId, name, actor.name)] : []),
      ...notesOnNormalizedFields(kind, split.fields),
      ...(removedFields.length > 0
        ? [
            `No longer in the document: ${removedFields.map(({ path }) => titleOf(path)).join(', ')} of the ${kind}. Airbyte uses the connector's default again.`,
          ]
        : []),
    ],
  };
}

/** The digests of the fields that Airbyte shows differently from what it was sent. */
export function normalizedFieldsOfActor(
  { kind }: Pick<ActorCalls, 'kind'>,
  secrets: SecretResolver,
  actor: Actor,
  desired: Pick<DesiredActor, 'configuration'>,
  resolved: unknown,
): string[] {
  const shown = withoutSecrets(actor, undefined, secrets);
  return limitDigests(changesOf(actor, desired, resolved).map((change) => digestOfChange(kind, change, shown)));
}

/** Describes the changes of an actor for a plan, without secrets. */
export function toFieldChanges(
  { changes, renamedTo }: ActorDifference,
  actor: Actor,
  name: string,
  specification: unknown,
  secrets: SecretResolver,
): FieldChange[] {
  const shown = withoutSecrets(actor, specification, secrets);
  const renamed: FieldChange[] = renamedTo === undefined ? [] : [{ field: 'name', from: renamedTo, to: name }];
  const planned = changes.map(({ path, desired: to }): FieldChange => {
    const from = limitValue(valueAt(shown, path));
    return {
      field: titleOf(path),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to: limitValue(to) }),
    };
  });
  return [...renamed, ...planned];
}

/** Names the actors of another name with the same connector and configuration: one may be the desired actor. */
export function notesOnSimilarActors(
  { kind }: Pick<ActorCalls, 'kind'>,
  actors: readonly Actor[],
  desired: DesiredActor,
  resolved: unknown,
): string[] {
  const hasSameConfiguration = (actor: Actor) =>
    actor.name !== desired.name &&
    actor.definitionId === desired.definitionId &&
    actor.configuration !== undefined &&
    Object.keys(desired.configuration).length > 0 &&
    changesOf(actor, desired, resolved).length === 0;
  return actors
    .filter(hasSameConfiguration)
    .map(
      ({ actorId, name }) =>
        `There is a ${kind} '${name}' (${actorId}) of the same connector and configuration. If it is the ${kind} '${desired.name}' under another name, write its name into the document.`,
    );
}

/** The note on an object that earlier runs used and that was renamed since then. */
export function noteOnRenamed(kind: string, id: string, name: string, renamedTo: string | undefined): string {
  return `The ${kind} '${name}' (${id}) was renamed to '${renamedTo ?? ''}' in Airbyte. Earlier runs of this pipeline used it, so no other is created, and it gets its name back.`;
}

/** The changes of an actor's configuration, as far as Airbyte shows it. */
function changesOf({ configuration }: Actor, desired: Pick<DesiredActor, 'configuration'>, resolved: unknown) {
  return configuration === undefined ? [] : findConfigurationChanges(desired.configuration, resolved, configuration);
}

function digestOfChange(kind: string, { path, desired }: ConfigurationChange, shown: unknown): string {
  return digestOf(kind, path, desired, valueAt(shown, path));
}

function titleOf(path: FieldPath): string {
  return formatPath(['configuration', ...path]);
}

/** The present configuration with its secrets masked, even if the server does not mask them. */
function withoutSecrets({ configuration = {} }: Actor, specification: unknown, secrets: SecretResolver): unknown {
  return mapLeaves(
    replaceSecrets(configuration, specification, () => MASK),
    [],
    (value) => (typeof value === 'string' ? secrets.mask(value) : value),
  );
}
