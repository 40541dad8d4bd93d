import { z } from 'zod';
import { pipelineDocumentSchema } from './document';

/**
 * The pipeline document as a JSON Schema, for editors: completion, hover texts, and errors while typing. It is draft 7
 * because that is what the YAML language server reads. What it cannot say (two streams that are the same, a password
 * that stands there as it is) is checked when the document is read.
 */
export function pipelineJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(pipelineDocumentSchema(), { io: 'input', target: 'draft-7' });
  return { $schema, title: 'Airbyte pipeline', ...schema };
}

/** The content of `pipeline.schema.json`. */
export function pipelineJsonSchemaText(): string {
  return `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`;
}
