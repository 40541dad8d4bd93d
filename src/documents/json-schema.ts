import { z } from 'zod';
import { fleetDocumentSchema } from '../contract/fleet-document';
import { pipelineDocumentSchema } from '../contract/pipeline-document';

/**
 * The pipeline document as a JSON Schema, for editors: completion, hover texts, and errors while typing. It is draft 7
 * because that is what the YAML language server reads. What it cannot say (two streams that are the same, a password
 * that stands there as it is) is checked when the document is read.
 */
export function pipelineJsonSchema(): Record<string, unknown> {
  return jsonSchema('Airbyte pipeline', pipelineDocumentSchema());
}

/** The same for the document of a fleet. */
export function fleetJsonSchema(): Record<string, unknown> {
  return jsonSchema('Airbyte fleet', fleetDocumentSchema());
}

/** The contents of the files that editors read, by their names. */
export function jsonSchemaFiles(): Record<string, string> {
  const text = (schema: Record<string, unknown>) => `${JSON.stringify(schema, null, 2)}\n`;
  return { 'pipeline.schema.json': text(pipelineJsonSchema()), 'fleet.schema.json': text(fleetJsonSchema()) };
}

function jsonSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { $schema, title, ...rest };
}
