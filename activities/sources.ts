import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { PipelineStream } from '../src/contract/pipeline-document';
import type { ListedStreams, SelectedStream } from '../src/contract/selected-stream';
import type { Discoveries } from '../src/jobs/schema-discovery';
import { sourceCalls } from '../src/reconcile/actor-calls';
import { listStreams } from '../src/reconcile/listing-limits';
import { selectStreams } from '../src/reconcile/stream-selection';
import { actorActivities } from './actors';
import type { ActivityDependencies } from './dependencies';

export function sourceActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  discoveries: Discoveries,
  timings: AirbyteTimings,
) {
  const fields = { id: 'sourceId', definitionId: 'sourceDefinitionId' } as const;
  const actors = actorActivities(sourceCalls(airbyte), fields, { secrets, timings });
  return {
    createSource: actors.create,
    listSources: actors.list,
    getSource: actors.get,
    updateSource: actors.update,
    applySource: actors.apply,
    planSource: actors.plan,
    checkSource: actors.check,
    checkSourceConfiguration: actors.checkConfiguration,

    /**
     * Asks the source for its streams and selects those of a pipeline. The catalog stays in the worker, because it can exceed
     * Temporal's size limit. When even the list of the selected streams is too long for a history, the result has the first of
     * them and the number of the others.
     */
    async discoverSchema(input: {
      sourceId: string;
      streams: PipelineStream[];
    }): Promise<SelectedStream[] | ListedStreams> {
      const { catalog } = await discoveries.discover(input.sourceId, true);
      const found = listStreams(selectStreams(catalog, input.streams).map(({ selected }) => selected));
      return found.moreStreams === undefined ? found.streams : found;
    },
  };
}
