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

/** What of an existing source or destination is not as a pipeline wants it. */
export interface ActorDifference {
  changes: ConfigurationChange[];
  /** The name that it was given in Airbyte; left out where it has the wanted one. */
  renamedTo?: string;
  /** Whether fields are to go, so that the configuration has to be replaced and not only added to. */
  removesFields: boolean;
  /** What Airbyte keeps otherwise than it was sent, to be noted again. */
  unkept: string[];
  /** What a person should know. */
  notes: string[];
}

/** Compares an actor with what is wanted, and with what an earlier run of the pipeline has brought about. */
export function compareActor(
  { kind }: Pick<ActorCalls, 'kind'>,
  secrets: SecretResolver,
  actor: Actor,
  wanted: Pick<DesiredActor, 'name' | 'configuration'>,
  resolved: unknown,
  earlier?: EarlierRun,
): ActorDifference {
  const { name } = wanted;
  const all = changesOf(actor, wanted, resolved);
  const shown = withoutSecrets(actor, undefined, secrets);
  const split = splitKnownDifferences(all, earlier?.note.unkept ?? [], (change) => ({
    field: titleOf(change.path),
    digest: digestOfChange(kind, change, shown),
  }));
  const before = earlier?.document?.[kind];
  const removedFields =
    before?.name === name ? findRemovedFields(before.configuration, wanted.configuration, actor.configuration) : [];
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
            `No longer in the document: ${removedFields.map(({ path }) => titleOf(path)).join(', ')} of the ${kind}. Airbyte goes back to the connector's default.`,
          ]
        : []),
    ],
  };
}

/** What stands for each field that Airbyte shows otherwise than it was sent. */
export function normalizedFieldsOfActor(
  { kind }: Pick<ActorCalls, 'kind'>,
  secrets: SecretResolver,
  actor: Actor,
  wanted: Pick<DesiredActor, 'configuration'>,
  resolved: unknown,
): string[] {
  const shown = withoutSecrets(actor, undefined, secrets);
  return limitDigests(changesOf(actor, wanted, resolved).map((change) => digestOfChange(kind, change, shown)));
}

/** The changes of an actor in the words of a plan, without a secret in them. */
export function toFieldChanges(
  { changes, renamedTo }: ActorDifference,
  actor: Actor,
  name: string,
  specification: unknown,
  secrets: SecretResolver,
): FieldChange[] {
  const shown = withoutSecrets(actor, specification, secrets);
  const renamed: FieldChange[] = renamedTo === undefined ? [] : [{ field: 'name', from: renamedTo, to: name }];
  const planned = changes.map(({ path, wanted: to }): FieldChange => {
    const from = limitValue(valueAt(shown, path));
    return {
      field: titleOf(path),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to: limitValue(to) }),
    };
  });
  return [...renamed, ...planned];
}

/** Those of another name that are made and configured as what is about to be created: perhaps it is one of them. */
export function notesOnSimilarActors(
  { kind }: Pick<ActorCalls, 'kind'>,
  actors: readonly Actor[],
  wanted: DesiredActor,
  resolved: unknown,
): string[] {
  const hasSameConfiguration = (actor: Actor) =>
    actor.name !== wanted.name &&
    actor.definitionId === wanted.definitionId &&
    actor.configuration !== undefined &&
    Object.keys(wanted.configuration).length > 0 &&
    changesOf(actor, wanted, resolved).length === 0;
  return actors
    .filter(hasSameConfiguration)
    .map(
      ({ actorId, name }) =>
        `There is a ${kind} '${name}' (${actorId}) of the same connector and configuration. If it is the ${kind} '${wanted.name}' under another name, write its name into the document.`,
    );
}

/** How a person is told of something that earlier runs have used and that has another name by now. */
export function noteOnRenamed(kind: string, id: string, name: string, renamedTo: string | undefined): string {
  return `The ${kind} '${name}' (${id}) was renamed to '${renamedTo ?? ''}' in Airbyte. Earlier runs of this pipeline have used it, so none is created, and it gets its name back.`;
}

/** In what an actor's configuration differs, as far as Airbyte tells what it has. */
function changesOf({ configuration }: Actor, wanted: Pick<DesiredActor, 'configuration'>, resolved: unknown) {
  return configuration === undefined ? [] : findConfigurationChanges(wanted.configuration, resolved, configuration);
}

function digestOfChange(kind: string, { path, wanted }: ConfigurationChange, shown: unknown): string {
  return digestOf(kind, path, wanted, valueAt(shown, path));
}

function titleOf(path: FieldPath): string {
  return formatPath(['configuration', ...path]);
}

/** What Airbyte has, without its secrets, also from a server that does not mask them. */
function withoutSecrets({ configuration = {} }: Actor, specification: unknown, secrets: SecretResolver): unknown {
  return mapLeaves(
    replaceSecrets(configuration, specification, () => MASK),
    [],
    (value) => (typeof value === 'string' ? secrets.mask(value) : value),
  );
}
