import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actorCalls, actorIdBody } from './actors';
import { type ApiCalls, defineCall, uuid } from './call';
import { discover, withDefaults } from './discovery';
import { failedJob, type SynchronousJob, succeededJob } from './synchronous-jobs';

const discovery = z
  .looseObject({ connectionId: uuid.optional(), disable_cache: z.boolean().optional() })
  .and(actorIdBody('source'));

/** `sources/…` */
export const sourceCalls: ApiCalls = {
  ...actorCalls('source'),

  'sources/discover_schema': defineCall(discovery, async ({ actorId, connectionId, disable_cache }, context) => {
    const source = context.store.actor('source', actorId);
    if (connectionId !== undefined) context.store.connection(connectionId);
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
      return { catalogId, catalog: { streams: streams.map(withDefaults) }, jobInfo: succeededJob(job, context) };
    } catch (error) {
      return { jobInfo: failedJob(job, error, context) };
    }
  }),
};
