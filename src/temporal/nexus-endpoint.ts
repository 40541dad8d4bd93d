import type { Connection } from '@temporalio/client';
import { RPC_TIMEOUT_MS, withTimeout } from './call-timeout';

/** Where the Nexus operations of workers go. */
export interface NexusTarget {
  namespace: string;
  taskQueue: string;
}

/** A Nexus endpoint of the server, as callers name it. */
export interface NexusEndpoint {
  name: string;
  /** Undefined for one that leads out of this server. */
  target: NexusTarget | undefined;
}

type Services = Pick<Connection, 'operatorService' | 'withDeadline'>;

const PAGE_SIZE = 100;

/** What the server takes for a name: letters, digits and hyphens, a letter first. */
const NOT_IN_NAMES = /[^a-zA-Z0-9]+/g;

/** All endpoints of the server; they belong to none of its namespaces. */
export async function listNexusEndpoints(connection: Services): Promise<NexusEndpoint[]> {
  const found: NexusEndpoint[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await withTimeout(connection, RPC_TIMEOUT_MS, () =>
      connection.operatorService.listNexusEndpoints({ pageSize: PAGE_SIZE, nextPageToken }),
    );
    for (const { spec } of page.endpoints) {
      const { namespace, taskQueue } = spec?.target?.worker ?? {};
      found.push({ name: spec?.name ?? '', target: namespace && taskQueue ? { namespace, taskQueue } : undefined });
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return found;
}

/** Creates an endpoint that leads to the workers of a task queue. */
export async function createNexusEndpoint(connection: Services, name: string, target: NexusTarget): Promise<void> {
  await withTimeout(connection, RPC_TIMEOUT_MS, () =>
    connection.operatorService.createNexusEndpoint({ spec: { name, target: { worker: target } } }),
  );
}

/** The name of the endpoint of a task queue: the task queue's own, as far as the server takes it. */
export function nexusEndpointName(taskQueue: string): string {
  const name = taskQueue.replace(NOT_IN_NAMES, '-').replace(/^-|-$/g, '');
  return /^[a-zA-Z]/.test(name) ? name : `airbyte-${name}`.replace(/-$/, '');
}
