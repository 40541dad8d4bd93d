/** The published JSON Schemas of documents. */
import { z } from 'zod';
import { fleetDocumentSchema } from '../contract/fleet-document';
import { pipelineDocumentSchema } from '../contract/pipeline-document';
import { webhookRoutesSchema } from '../contract/webhook-routes';

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
  const text = (schema: Record<string, unknown>) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    'pipeline.schema.json': text(pipelineJsonSchema()),
    'fleet.schema.json': text(fleetJsonSchema()),
    'webhook-routes.schema.json': text(jsonSchema('Airbyte webhook routes', webhookRoutesSchema())),
  };
}

function jsonSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { $schema, title, ...rest };
}
