import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CatalogStream, Connection } from '../state/resources';
import { actorCalls, actorConfigurationBody, actorIdBody } from './actors';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { catalogDiff } from './catalog-diff';
import { discover, discoverStreams, withDefaults } from './discovery';
import { failedJob, type SynchronousJob, succeededJob } from './synchronous-jobs';

const discovery = z
  .looseObject({ connectionId: uuid.optional(), disable_cache: z.boolean().optional() })
  .and(actorIdBody('source'));

/** `sources/…` */
export const sourceCalls: ApiCalls = {
  ...actorCalls('source'),

  'sources/discover_schema': defineCall(discovery, async ({ actorId, connectionId, disable_cache }, context) => {
    const source = context.store.actor('source', actorId);
    const connection = connectionId === undefined ? undefined : context.store.connection(connectionId);
    const job: SynchronousJob = {
      id: randomUUID(),
      configType: 'discover_schema',
      configId: actorId,
      startedAt: Date.now(),
    };
    try {
      const before = source.configuration;
      const { catalogId, streams } = await discover(source, disable_cache === true, context);
      job.configurationUpdated = source.configuration !== before;
      const ofConnection = connection && compared(connection, streams, context);
      const catalog = { streams: streams.map(withDefaults) };
      return { catalogId, catalog, ...ofConnection, jobInfo: succeededJob(job, context) };
    } catch (error) {
      return { jobInfo: failedJob(job, error, context) };
    }
  }),

  'scheduler/sources/discover_schema': defineCall(actorConfigurationBody('source'), async (request, context) => {
    context.store.workspace(request.workspaceId);
    const { connector } = context.definitions.get('source', request.definitionId);
    // Unlike the discovery of a saved source, this one belongs to no source, even if the request names one.
    const job: SynchronousJob = { id: randomUUID(), configType: 'discover_schema', startedAt: Date.now() };
    try {
      const streams = await discoverStreams(connector, request.configuration, context);
      const catalog = { streams: streams.map(withDefaults) };
      return { catalogId: randomUUID(), catalog, jobInfo: succeededJob(job, context) };
    } catch (error) {
      return { jobInfo: failedJob(job, error, context) };
    }
  }),
};

/**
 * Applies a discovery's schema change to a connection. The connection becomes inactive if the change breaks it or if it
 * is configured to stop at any change.
 */
function compared(connection: Connection, streams: readonly CatalogStream[], { schedules }: ApiContext): object {
  const { transforms, breaking: breakingChange } = catalogDiff(connection, streams);
  const stopsAtAny = connection.settings['nonBreakingChangesPreference'] === 'disable';
  connection.settings['breakingChange'] = breakingChange;
  if (connection.status === 'active' && (breakingChange || (stopsAtAny && transforms.length > 0))) {
    connection.status = 'inactive';
    schedules.update(connection);
  }
  return { catalogDiff: { transforms }, breakingChange, connectionStatus: connection.status };
}
