/** Nexus endpoints: lists and creates them on the server. */
import type { Connection } from '@temporalio/client';
import { RPC_TIMEOUT_MS, withTimeout } from './call-timeout';

/** The workers that an endpoint sends operations to. */
export interface NexusTarget {
  namespace: string;
  taskQueue: string;
}

/** A Nexus endpoint of the server. */
export interface NexusEndpoint {
  name: string;
  /** Undefined if the endpoint leads out of this server. */
  target: NexusTarget | undefined;
}

type Services = Pick<Connection, 'operatorService' | 'withDeadline'>;

const PAGE_SIZE = 100;

/** Characters that the server rejects in names: it accepts letters, digits and hyphens, and a letter first. */
const NOT_IN_NAMES = /[^a-zA-Z0-9]+/g;

/** Lists all endpoints of the server. Endpoints do not belong to a namespace. */
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

/** The name for the endpoint of a task queue: that of the task queue, without characters that the server rejects. */
export function nexusEndpointName(taskQueue: string): string {
  const name = taskQueue.replace(NOT_IN_NAMES, '-').replace(/^-|-$/g, '');
  return /^[a-zA-Z]/.test(name) ? name : `airbyte-${name}`.replace(/-$/, '');
}
