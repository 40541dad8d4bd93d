import type { AirbyteBehaviour } from './airbyte-versions';
import type { Definitions } from './definitions';
import type { Job } from './job';
import type { JobWork } from './job-runner';
import { replicationWork } from './replication-work';
import { isSimulated, simulatedWork } from './simulated';
import type { Connection, Store } from './store';

/** What a job of this connection has to do: move rows, or pretend to. */
export function workFor(
  store: Store,
  definitions: Definitions,
  behaviour: AirbyteBehaviour,
): (job: Job, connection: Connection) => JobWork {
  return (_job, connection) => {
    const source = store.actor('source', connection.sourceId);
    if (isSimulated(source.definitionId)) return simulatedWork(source.configuration, connection.jobs.length);
    return replicationWork(connection, store, definitions, behaviour);
  };
}
