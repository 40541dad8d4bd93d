import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { CallOptions } from '../src/airbyte/calls';
import { isUnavailableBeforeSaving } from '../src/airbyte/lookup/optional-responses';
import type { DefinitionIdField } from '../src/airbyte/resources';
import type {
  ActorSummary,
  ActorToCheck,
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
import { planningPorts, reconcilePorts } from './reconcile-ports';

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

  const reconciler = (ports = reconcilePorts()) => new ActorReconciler(calls, secrets, ports);

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
      return reconciler(planningPorts(desired.pipeline)).plan(desired);
    },

    /** Fails with `AirbyteCheckFailed` and the connector's own message when the actor cannot be reached. */
    async check(actor: ById & DocumentConfiguration): Promise<void> {
      const { kind } = calls;
      const actorId = actor[fields.id];
      const check = (options: CallOptions) => calls.check(actorId, options);
      await requirePassedCheck({ kind, subject: `${kind} ${actorId}`, check }, timings);
    },

    /**
     * Checks the configuration of a pipeline's actor before it is saved. Fails with `AirbyteCheckFailed` and the connector's
     * own message.
     *
     * @returns false where this Airbyte checks only what is saved
     */
    async checkConfiguration(desired: ActorToCheck): Promise<boolean> {
      const { kind } = calls;
      const subject = `configuration that the document has for the ${kind} '${desired.name}'`;
      const check = (options: CallOptions) => reconciler().checkConfiguration(desired, options);
      try {
        await requirePassedCheck({ kind, subject, check }, timings);
        return true;
      } catch (error) {
        if (!isUnavailableBeforeSaving(error)) throw error;
        return false;
      }
    },
  };
}
