import { z } from 'zod';
import type { DestinationConnector, ProtocolStream, SourceConnector } from './protocol';
import type { ConnectorDefinition } from './registry';

/**
 * Jobs that move no rows. A connection whose source has the definition `Simulated` simulates its jobs with a configured
 * duration, number of records and outcome. A load test can therefore run ten thousand jobs at the same time, and a test
 * can have any outcome. The source's configuration is one simulation (see the specification below) or a list `jobs`:
 * the connection's first job uses the first one, and every job beyond the list uses the last one.
 */
const simulationSchema = z.object({
  duration_ms: z.number().min(0).default(0),
  maximum_duration_ms: z.number().min(0).optional(),
  queued_ms: z.number().min(0).optional(),
  queue_limit_ms: z.number().min(0).optional(),
  hold: z.boolean().default(false),
  stalls_after_ms: z.number().min(0).optional(),
  outcome: z.enum(['succeeded', 'failed', 'cancelled']).default('succeeded'),
  failure_origin: z.string().default('source'),
  failure_type: z.string().default('system_error'),
  failure_message: z.string().default('The simulated job failed, as configured.'),
  failed_attempts: z.int().min(0).default(0),
  retry_delay_ms: z.number().min(0).default(0),
  failure_internal_message: z.string().optional(),
  unmeasured: z.boolean().default(false),
  records: z.int().min(0).default(0),
  records_committed: z.int().min(0).optional(),
  bytes: z.int().min(0).default(0),
  records_rejected: z.int().min(0).default(0),
  cancel_duration_ms: z.number().min(0).default(0),
});

/** A stream given by its name, or with the other properties that a source may report. */
const streamSchema = z.preprocess(
  (stream) => (typeof stream === 'string' ? { name: stream } : stream),
  z.strictObject({
    name: z.string(),
    namespace: z.string().optional(),
    source_defined_cursor: z.boolean().default(false),
    default_cursor_field: z.array(z.string()).default(['updated_at']),
    source_defined_primary_key: z.array(z.array(z.string())).default([['id']]),
  }),
);

const configurationSchema = z.looseObject({
  ...simulationSchema.shape,
  jobs: z.array(simulationSchema).min(1).optional(),
  streams: z.array(streamSchema).min(1).prefault(['events']),
  check_message: z.string().optional(),
});

export type Simulation = z.output<typeof simulationSchema>;

/** The ids of the two definitions, whose configurations are specified below. */
const SIMULATED_SOURCE_ID = '5f0e2a5c-6d1f-4c57-9f6e-2b8f6c0d7a11';
const SIMULATED_DESTINATION_ID = 'b0c1b1de-9f7e-4f0c-8a57-7c1f3e2d9b42';

const simulationProperties = {
  duration_ms: { type: 'number', description: 'How long each attempt runs, in milliseconds.' },
  maximum_duration_ms: {
    type: 'number',
    description: 'With this, the duration is random, uniformly between duration_ms and this value.',
  },
  queued_ms: { type: 'number', description: 'How long the job waits for capacity before it runs, in milliseconds.' },
  queue_limit_ms: {
    type: 'number',
    description:
      'How long the job may be queued before Airbyte cancels it, in versions with a queue, in milliseconds. Default: 8 hours.',
  },
  hold: {
    type: 'boolean',
    description:
      'The job runs until a control call ends it or it is cancelled, regardless of the duration. Does not apply to attempts that fail.',
  },
  stalls_after_ms: {
    type: 'number',
    description:
      'After this time the counts of the job no longer change, and it runs until a control call ends it or it is cancelled. Does not apply to attempts that fail.',
  },
  outcome: { type: 'string', enum: ['succeeded', 'failed', 'cancelled'] },
  failure_origin: { type: 'string' },
  failure_type: { type: 'string' },
  failure_message: { type: 'string' },
  failed_attempts: { type: 'integer', description: 'How many attempts fail before the last one.' },
  retry_delay_ms: {
    type: 'number',
    description: 'How long the job is incomplete between two attempts, in milliseconds.',
  },
  failure_internal_message: { type: 'string', description: 'The internal reason, if it differs from failure_message.' },
  unmeasured: { type: 'boolean', description: 'The job has no counts at all.' },
  records: { type: 'integer', description: 'Records that the source sends.' },
  records_committed: { type: 'integer', description: 'Records that the destination commits. Default: all.' },
  bytes: { type: 'integer' },
  records_rejected: { type: 'integer' },
  cancel_duration_ms: {
    type: 'number',
    description: 'How long the job takes to stop when it is cancelled, in milliseconds.',
  },
};

const source: SourceConnector = {
  spec: async () => ({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Simulated source',
    type: 'object',
    required: [],
    properties: {
      ...simulationProperties,
      jobs: { type: 'array', items: { type: 'object', properties: simulationProperties } },
      streams: { type: 'array', items: { type: ['string', 'object'] } },
      check_message: { type: 'string', description: 'A connection check fails with this message.' },
      api_key: { type: 'string', airbyte_secret: true, description: 'Not used: a field for tests of secrets.' },
    },
  }),
  check: async (config) => {
    const { check_message } = configurationSchema.parse(config);
    return check_message === undefined ? { status: 'SUCCEEDED' } : { status: 'FAILED', message: check_message };
  },
  discover: async (config) => configurationSchema.parse(config).streams.map(toProtocolStream),
  read: nothingToMove,
};

function toProtocolStream(stream: z.output<typeof streamSchema>): ProtocolStream {
  const { namespace, source_defined_cursor, default_cursor_field, source_defined_primary_key } = stream;
  const columns = ['id', ...default_cursor_field, ...source_defined_primary_key.flat()];
  return {
    name: stream.name,
    ...(namespace !== undefined && { namespace }),
    json_schema: {
      type: 'object',
      properties: {
        ...Object.fromEntries(columns.map((column) => [column, { type: 'integer' }])),
        updated_at: { type: 'string', format: 'date-time' },
      },
    },
    supported_sync_modes: ['full_refresh', 'incremental'],
    source_defined_cursor,
    default_cursor_field,
    source_defined_primary_key,
  };
}

const destination: DestinationConnector = {
  spec: async () => ({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Simulated destination',
    type: 'object',
    required: [],
    properties: {
      check_message: { type: 'string', description: 'A connection check fails with this message.' },
      supports_refreshes: { type: 'boolean', description: 'If false, Airbyte accepts a refresh but starts nothing.' },
    },
  }),
  check: source.check,
  write: nothingToMove,
};

// biome-ignore lint/correctness/useYield: it only throws
async function* nothingToMove(): AsyncGenerator<never> {
  throw new Error('A simulated connector moves no rows; use simulated connectors on both sides of a connection.');
}

export const simulatedDefinitions: ConnectorDefinition[] = [
  {
    kind: 'source',
    definitionId: SIMULATED_SOURCE_ID,
    name: 'Simulated',
    dockerRepository: 'sandbox/source-simulated',
    dockerImageTag: '1.0.0',
    connector: source,
  },
  {
    kind: 'destination',
    definitionId: SIMULATED_DESTINATION_ID,
    name: 'Simulated',
    dockerRepository: 'sandbox/destination-simulated',
    dockerImageTag: '1.0.0',
    connector: destination,
    supportedDestinationSyncModes: ['append', 'overwrite', 'append_dedup', 'overwrite_dedup'],
  },
];

export function isSimulated(definitionId: string): boolean {
  return definitionId === SIMULATED_SOURCE_ID;
}

/** Whether a destination is a simulated one without support for refreshes. */
export function lacksRefreshes({
  definitionId,
  configuration,
}: {
  definitionId: string;
  configuration: Record<string, unknown>;
}): boolean {
  return definitionId === SIMULATED_DESTINATION_ID && configuration['supports_refreshes'] === false;
}

/** The simulation in a source's configuration for the job with this index among the jobs of its connection, from 0. */
export function simulationOf(configuration: Record<string, unknown>, jobIndex: number): Simulation {
  const parsed = configurationSchema.parse(configuration);
  return parsed.jobs?.[Math.min(jobIndex, parsed.jobs.length - 1)] ?? parsed;
}
