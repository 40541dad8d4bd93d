/** The built-in connectors of every sandbox. */
import { createHttpSource } from './http-source';
import { createParquetDestination, parquetSyncModes } from './parquet-destination';
import { createPostgresDestination, postgresSyncModes } from './postgres-destination';
import { createPostgresSource } from './postgres-source';
import {
  type AirbyteMessage,
  type CheckResult,
  ConnectorError,
  type DestinationConnector,
  type SourceConnector,
} from './protocol';

interface DefinitionFields {
  definitionId: string;
  name: string;
  dockerRepository: string;
  dockerImageTag: string;
  /** The public API's name for it (`sourceType`). Default: derived from the image, if it is one of Airbyte's own. */
  publicName?: string;
}

export interface SourceDefinition extends DefinitionFields {
  kind: 'source';
  connector: SourceConnector;
}

export interface DestinationDefinition extends DefinitionFields {
  kind: 'destination';
  connector: DestinationConnector;
  supportedDestinationSyncModes: string[];
}

/** A connector that sources or destinations can be made of. */
export type ConnectorDefinition = SourceDefinition | DestinationDefinition;

export interface BuiltInOptions {
  /** The folder that the `S3` destination writes to if its configuration has no endpoint. Absent: AWS itself. */
  dataDir?: string;
}

/**
 * The built-in definitions, in the order of the API's lists. Ids, names and images are those of Airbyte's own registry
 * if it contains the connector. Some exist only because their names resemble another's (`S3 Data Lake` and `S3`,
 * `AlloyDB for PostgreSQL` and `Postgres`), as in a real list, where a look-up has to tell them apart.
 */
export function builtInDefinitions(options: BuiltInOptions = {}): ConnectorDefinition[] {
  return [
    {
      kind: 'source',
      definitionId: 'decd338e-5647-4c0b-adf4-da0e75f5a750',
      name: 'Postgres',
      dockerRepository: 'airbyte/source-postgres',
      dockerImageTag: '3.7.0',
      connector: createPostgresSource(),
    },
    {
      kind: 'source',
      definitionId: '1fa90628-2b9e-11ed-a261-0242ac120002',
      name: 'AlloyDB for PostgreSQL',
      dockerRepository: 'airbyte/source-alloydb',
      dockerImageTag: '3.7.0',
      connector: createUnavailableConnector('AlloyDB for PostgreSQL'),
    },
    {
      kind: 'source',
      definitionId: '6f2ac653-8623-43c4-8950-19218c7caf3d',
      name: 'REST API',
      dockerRepository: 'temporal-airbyte/source-rest-api',
      dockerImageTag: '1.0.0',
      connector: createHttpSource(),
    },
    {
      kind: 'source',
      definitionId: '69589781-7828-43c5-9f63-8925b1c1ccc2',
      name: 'S3',
      dockerRepository: 'airbyte/source-s3',
      dockerImageTag: '4.14.0',
      connector: createUnavailableConnector('S3'),
    },
    {
      kind: 'destination',
      definitionId: '716ca874-520b-4902-9f80-9fad66754b89',
      name: 'S3 Data Lake',
      dockerRepository: 'airbyte/destination-s3-data-lake',
      dockerImageTag: '0.3.0',
      connector: createUnavailableConnector('S3 Data Lake'),
      supportedDestinationSyncModes: ['append', 'overwrite', 'append_dedup'],
    },
    {
      kind: 'destination',
      definitionId: '4816b78f-1489-44c1-9060-4b19d5fa9362',
      name: 'S3',
      dockerRepository: 'airbyte/destination-s3',
      dockerImageTag: '1.9.0',
      connector: createParquetDestination(options),
      supportedDestinationSyncModes: parquetSyncModes,
    },
    {
      kind: 'destination',
      definitionId: '25c5221d-dce2-4163-ade9-739ef790f503',
      name: 'Postgres',
      dockerRepository: 'airbyte/destination-postgres',
      dockerImageTag: '2.4.0',
      connector: createPostgresDestination(),
      supportedDestinationSyncModes: postgresSyncModes,
    },
  ];
}

/** A connector that lists contain but that cannot run: Airbyte has it, the sandbox does not. */
function createUnavailableConnector(name: string): SourceConnector & DestinationConnector {
  const reason = `the sandbox lists the connector "${name}" but cannot run it`;
  const reject = (): AsyncIterable<AirbyteMessage> => {
    throw new ConnectorError(reason, 'config_error');
  };
  return {
    spec: async () => ({ type: 'object', properties: {}, additionalProperties: true }),
    check: async (): Promise<CheckResult> => ({ status: 'FAILED', message: reason }),
    discover: async () => {
      throw new ConnectorError(reason, 'config_error');
    },
    read: reject,
    write: reject,
  };
}

const AIRBYTE_IMAGE = /^airbyte\/(?:source|destination)-(.+)$/;

/** The name that Airbyte's own image gives a connector: `postgres` for `airbyte/source-postgres`. */
export function airbyteConnectorName(dockerRepository: string): string | undefined {
  return AIRBYTE_IMAGE.exec(dockerRepository)?.[1];
}
