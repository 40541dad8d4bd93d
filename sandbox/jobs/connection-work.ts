import { isSimulated } from '../connectors/simulated';
import { configurationSaver } from '../state/actor-changes';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import type { Definitions } from '../state/definitions';
import type { Job, JobFailure } from '../state/job';
import type { ActorKind, Connection } from '../state/resources';
import type { Store } from '../state/store';
import { checkFailure } from './job-failures';
import type { AttemptRun, JobWork } from './job-work';
import { replicationWork } from './replication-work';
import { simulatedWork } from './simulated-job';

/**
 * Returns what a job of this connection does: it moves rows or only simulates that, after both connection checks
 * passed.
 */
export function workFor(
  store: Store,
  definitions: Definitions,
  behaviour: AirbyteBehaviour,
): (job: Job, connection: Connection) => JobWork {
  return (job, connection) => {
    const source = store.actor('source', connection.sourceId);
    const work = isSimulated(source.definitionId)
      ? simulatedWork(source.configuration, connection.jobs.filter(({ id }) => id < job.id).length)
      : replicationWork(connection, store, definitions, behaviour);
    return {
      ...work,
      async attempt(run) {
        const failure = needsChecks(run, connection)
          ? await failedCheck(run, connection, store, definitions)
          : undefined;
        if (failure === undefined) return work.attempt(run);
        return { status: 'failed', failures: [failure], log: [] };
      },
    };
  };
}

/** Airbyte checks the connection before each attempt, except for the first attempt after a job that succeeded. */
function needsChecks({ job, attempt }: AttemptRun, { jobs }: Connection): boolean {
  const previous = jobs.findLast(({ id }) => id < job.id);
  return attempt.attemptNumber > 0 || previous?.status !== 'succeeded';
}

/** Why a connection check failed; the source's check comes first. A reset does not need the source. */
async function failedCheck(
  { job, signal }: AttemptRun,
  { sourceId, destinationId }: Connection,
  store: Store,
  definitions: Definitions,
): Promise<JobFailure | undefined> {
  const check = async (kind: ActorKind, actorId: string) => {
    const actor = store.actor(kind, actorId);
    const { connector } = definitions.get(kind, actor.definitionId);
    try {
      const save = configurationSaver(actor, { definitions });
      const { status, message = '' } = await connector.check(actor.configuration, signal, save);
      return status === 'SUCCEEDED' ? undefined : checkFailure(kind, message);
    } catch (error) {
      // The job was cancelled during the check, so it ends as cancelled.
      if (signal.aborted) return undefined;
      return checkFailure(kind, error instanceof Error ? error.message : String(error));
    }
  };
  const ofSource = job.configType === 'reset_connection' ? undefined : await check('source', sourceId);
  return ofSource ?? check('destination', destinationId);
}
