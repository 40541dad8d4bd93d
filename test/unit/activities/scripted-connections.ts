import { beforeEach } from '@jest/globals';
import type { ConnectionToPlan, DesiredConnection } from '../../../src/contract/connection';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../../src/contract/pipeline-document';
import type { ActivityBench } from './activity-bench';
import type { Body } from './scripted-airbyte';

type ConnectionFields = Partial<PipelineDocumentInput['connection']>;

/** An Airbyte that stores connections, and a source whose tables a test changes. */
export class ScriptedConnections {
  connections: Body[] = [];
  /** The columns of each table, with their types. */
  tables: Record<string, Record<string, string>> = {};

  constructor(private readonly bench: () => ActivityBench) {}

  /** Scripts the calls that make and change connections. */
  script(): void {
    const find = (id: unknown) => this.connections.find(({ connectionId }) => connectionId === id);
    this.bench().airbyte.on({
      'connections/list': () => ({ connections: this.connections }),
      'connections/get': ({ connectionId }) => find(connectionId),
      'connections/create': (body) => {
        const connection = {
          connectionId: `connection-${this.connections.length + 1}`,
          scheduleType: 'manual',
          ...body,
        };
        this.connections.push(connection);
        return connection;
      },
      'connections/update': (body) => Object.assign(find(body['connectionId']) ?? {}, body),
      'jobs/list': () => ({ jobs: [] }),
      'sources/discover_schema': () => ({
        catalog: { streams: Object.keys(this.tables).map((name) => this.stream(name)) },
      }),
    });
  }

  /** The connection of a pipeline, as a checked document has it. */
  desired(fields: ConnectionFields): DesiredConnection {
    const { connection } = pipelineDocumentSchema().parse({
      name: 'pipeline',
      source: { name: 'shop', definition: 'Postgres', configuration: {} },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
      connection: { name: 'Shop → Lake', streams: [table('*')], ...fields },
    });
    return { workspaceId: 'w', sourceId: 's', destinationId: 'd', connection };
  }

  apply(fields: ConnectionFields = {}) {
    return this.bench().run('applyConnection', this.desired(fields));
  }

  plan(fields: ConnectionFields = {}, state: Partial<ConnectionToPlan> = {}) {
    return this.bench().run('planConnection', this.toPlan(fields, state));
  }

  prepare(fields: ConnectionFields = {}, state: Partial<ConnectionToPlan> = {}) {
    return this.bench().run('prepareConnection', this.toPlan(fields, state));
  }

  private toPlan(fields: ConnectionFields, state: Partial<ConnectionToPlan>): ConnectionToPlan {
    return { pipeline: 'pipeline', sourceChanges: false, ...this.desired(fields), ...state };
  }

  /** The names of the streams that a connection syncs. */
  synced(nth = 0): string[] {
    const catalog = this.connections[nth]?.['syncCatalog'] as { streams: { stream: { name: string } }[] };
    return catalog.streams.map(({ stream }) => stream.name);
  }

  updates(): Body[] {
    return this.bench().airbyte.bodies('connections/update');
  }

  private stream(name: string) {
    const columns = Object.entries(this.tables[name] ?? {}).map(([column, type]) => [column, { type }]);
    const jsonSchema = { type: 'object', properties: Object.fromEntries(columns) };
    return { stream: { name, namespace: 'public', jsonSchema, supportedSyncModes: ['full_refresh', 'incremental'] } };
  }
}

/** A stream of a document that is read whole each time. */
export function table(name: string) {
  return { name, syncMode: 'full_refresh', destinationSyncMode: 'overwrite' } as const;
}

/** Such an Airbyte for each test, whose source has `customers` and `orders`. */
export function useScriptedConnections(bench: () => ActivityBench): () => ScriptedConnections {
  let scripted: ScriptedConnections;
  beforeEach(() => {
    scripted = new ScriptedConnections(bench);
    scripted.tables = { customers: { id: 'integer' }, orders: { id: 'integer', total: 'integer' } };
    scripted.script();
  });
  return () => scripted;
}
