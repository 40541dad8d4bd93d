/** The published JSON Schemas: of documents, and of what workflows and operations take and return. */
import { z } from 'zod';
import { fleetDocumentSchema, fleetInputSchema } from '../contract/fleet-document';
import { OUTPUT_SCHEMAS } from '../contract/output-schemas';
import { pipelineDocumentSchema } from '../contract/pipeline-document';
import { pruneInputSchema } from '../contract/pruning';
import { syncConnectionInputSchema } from '../contract/sync-options';
import { webhookRoutesSchema } from '../contract/webhook-routes';
import { PACKAGE_VERSION } from '../text/package';

/**
 * The JSON Schema of a pipeline document, which gives editors completion, hover texts and errors. It is draft 7, because
 * the YAML language server supports that. What a JSON Schema cannot express (duplicate streams, literal passwords) is checked
 * when the document is read.
 */
export function pipelineJsonSchema(): Record<string, unknown> {
  return jsonSchema('Airbyte pipeline', pipelineDocumentSchema());
}

/** The JSON Schema of a fleet document. */
export function fleetJsonSchema(): Record<string, unknown> {
  return jsonSchema('Airbyte fleet', fleetDocumentSchema());
}

/** The contents of the published schema files, by their names. */
export function jsonSchemaFiles(): Record<string, string> {
  const schemas = {
    'pipeline.schema.json': pipelineJsonSchema(),
    'fleet.schema.json': fleetJsonSchema(),
    'webhook-routes.schema.json': jsonSchema('Airbyte webhook routes', webhookRoutesSchema()),
    ...Object.fromEntries(
      Object.entries(workflowJsonSchemas()).map(([name, schema]) => [`schemas/${name}.json`, schema]),
    ),
  };
  const texts = Object.entries(schemas).map(([name, { $schema, ...schema }]) => [
    name,
    `${JSON.stringify({ $schema, $id: hostedAt(name), ...schema }, null, 2)}\n`,
  ]);
  return Object.fromEntries(texts);
}

/** Where a schema of this version is hosted: unpkg serves the files of every package on npm, https://unpkg.com. */
function hostedAt(name: string): string {
  return `https://unpkg.com/temporal-airbyte@${PACKAGE_VERSION}/${name}`;
}

/**
 * The JSON Schemas of the inputs, results, progress and failure details of workflows and Nexus operations, by the names of their types.
 * The input of `runPipeline` is a pipeline document, which has its own.
 */
export function workflowJsonSchemas(): Record<string, Record<string, unknown>> {
  const inputs = {
    SyncConnectionInput: syncConnectionInputSchema(),
    FleetInput: fleetInputSchema(),
    PruneInput: pruneInputSchema(),
  };
  return {
    ...Object.fromEntries(Object.entries(inputs).map(([name, schema]) => [name, jsonSchema(name, schema)])),
    ...Object.fromEntries(Object.entries(OUTPUT_SCHEMAS).map(([name, schema]) => [name, outputSchema(name, schema)])),
  };
}

/** Fields that are not described are allowed, since a later release may add some. */
function outputSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'output',
    target: 'draft-7',
    override: ({ jsonSchema: part }) => {
      delete part.additionalProperties;
    },
  });
  return { $schema, title, ...rest };
}

function jsonSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { $schema, title, ...rest };
}
