import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { DefinitionIdField } from '../src/airbyte/resources';
import type {
  ActorSummary,
  ActorToPlan,
  AppliedActor,
  DesiredActor,
  DocumentConfiguration,
  PlannedActor,
} from '../src/contract/actor';
import { type Actor, type ActorCalls, type ActorIdField, withField } from '../src/reconcile/actor-calls';
import { ActorReconciler } from '../src/reconcile/actors';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import { requirePassedCheck } from './connection-check';
import { reconcilePorts } from './reconcile-ports';

/**
 * The activities that sources and destinations have in common.
 *
 * @param fields the names that the ids of the actor and of its definition have in inputs and results
 */
export function actorActivities<IdField extends ActorIdField, DefinitionField extends DefinitionIdField>(
  calls: ActorCalls,
  fields: { id: IdField; definitionId: DefinitionField },
  { secrets, timings }: { secrets: SecretResolver; timings: Pick<AirbyteTimings, 'jobRetryDelaysMs'> },
) {
  type Summary = ActorSummary<IdField, DefinitionField>;
  type ById = Record<IdField, string>;

  const reconciler = (pipeline?: string) => new ActorReconciler(calls, secrets, reconcilePorts(pipeline));

  const summarise = ({ actorId, name, definitionId, workspaceId }: Actor): Summary => ({
    ...withField(fields.id, actorId),
    ...withField(fields.definitionId, definitionId),
    ...{ name, workspaceId },
  });

  return {
    /** Finds the actor by its name in the workspace, and creates it when there is none. */
    async create(desired: Omit<DesiredActor, 'update'>): Promise<Summary & { created: boolean }> {
      const { actor, created } = await reconciler().findOrCreate(desired);
      return { ...summarise({ ...actor, workspaceId: desired.workspaceId }), created };
    },

    async list({ workspaceId }: { workspaceId: string }): Promise<Summary[]> {
      return (await calls.list(workspaceId)).map(summarise);
    },

    async get({ [fields.id]: actorId }: ById): Promise<Summary> {
      return summarise(await calls.get(actorId));
    },

    /** Replaces the name and the configuration of the actor. */
    async update(actor: ById & Pick<DesiredActor, 'name' | 'configuration'>): Promise<Summary> {
      const { name, configuration } = actor;
      return summarise(await reconciler().update({ actorId: actor[fields.id], name, configuration }));
    },

    /** Finds, creates or updates the actor of a pipeline. */
    async apply(desired: DesiredActor): Promise<AppliedActor> {
      return reconciler().apply(desired);
    },

    /** Finds out what `apply` would do. It changes nothing. */
    async plan(desired: ActorToPlan): Promise<PlannedActor> {
      return reconciler(desired.pipeline).plan(desired);
    },

    /** Fails with `AirbyteCheckFailed` and the connector's own message when the actor cannot be reached. */
    async check(actor: ById & DocumentConfiguration): Promise<void> {
      await requirePassedCheck(calls, actor[fields.id], timings);
    },
  };
}
