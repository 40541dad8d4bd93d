import { z } from 'zod';
import type { Actor, CatalogStream, Discovery } from '../../state/resources';
import type { ApiContext } from '../call';
import { supportedSyncModes } from '../definitions';
import { discover } from '../discovery';
import { Problem } from '../problems';
import { definePublicCall, flag, type PublicCall } from './call';
import { commonModes } from './sync-modes';

/** `GET streams`: the streams of a source, with the sync modes that its destination supports as well. */
export const listStreams: PublicCall = definePublicCall(
  {
    query: z.object({
      sourceId: z.string(),
      destinationId: z.string().optional(),
      ignoreCache: flag.default(false),
    }),
  },
  async ({ query }, context) => {
    const { store, behaviour } = context;
    const { streams } = await discoverOrFail(store.actor('source', query.sourceId), query.ignoreCache, context);
    const destination = query.destinationId === undefined ? undefined : store.actor('destination', query.destinationId);
    const modes = destination === undefined ? [] : destinationSyncModes(destination, context);
    return streams.map((stream) => behaviour.fieldsOf(toRead(stream, modes), { streamnamespace: { since: '1.8.0' } }));
  },
);

/** @throws Problem with the connector's message */
export async function discoverOrFail(source: Actor, ignoreCache: boolean, context: ApiContext): Promise<Discovery> {
  try {
    return await discover(source, ignoreCache, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Problem('unexpected-problem', { message: `Something went wrong in the connector. logs:${message}` });
  }
}

export function destinationSyncModes({ definitionId }: Actor, { definitions, behaviour }: ApiContext): string[] {
  return supportedSyncModes(definitions.get('destination', definitionId), behaviour);
}

function toRead(stream: CatalogStream, destinationModes: readonly string[]) {
  // Airbyte leaves this mode out here, although a connection may have it.
  const modes = commonModes(stream.supportedSyncModes ?? [], destinationModes).filter(
    (mode) => mode !== 'full_refresh_overwrite_deduped',
  );
  return {
    streamName: stream.name,
    ...(stream.namespace === undefined ? {} : { streamnamespace: stream.namespace }),
    ...(destinationModes.length === 0 ? {} : { syncModes: modes }),
    defaultCursorField: stream.defaultCursorField ?? [],
    sourceDefinedCursorField: stream.sourceDefinedCursor === true,
    sourceDefinedPrimaryKey: stream.sourceDefinedPrimaryKey ?? [],
    propertyFields: fieldsOf(stream.jsonSchema),
  };
}

/** The paths of all fields, including those of nested objects. */
export function fieldsOf(schema: unknown): string[][] {
  const properties = propertiesOf(schema);
  return Object.entries(properties).flatMap(([name, property]) => [
    [name],
    ...fieldsOf(property).map((path) => [name, ...path]),
  ]);
}

function propertiesOf(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return {};
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? properties : {};
}
