/** The schemas of an OpenAPI 3.0 document, made into the JSON Schemas that they mean. */

export type JsonObject = Record<string, unknown>;

/**
 * What is wrong in Airbyte's documents themselves, as the server's responses and its own clients show. Each is put right
 * here and nowhere else, and only where the defect is still there.
 */
const DEFECTS: ((name: string, schema: JsonObject) => JsonObject)[] = [
  // AirbyteStream requires `json_schema`, has the property `jsonSchema`, and allows no others: nothing can be valid.
  // The server reads and writes `jsonSchema`.
  (name, schema) =>
    name === 'AirbyteStream'
      ? { ...schema, required: renamed(schema['required'], 'json_schema', 'jsonSchema') }
      : schema,
  // An error may be `{ errorId }` and nothing else since 2.0, whose document has the field but still requires `message`
  // as well. The newest no longer does.
  (_name, schema) =>
    isObject(schema['properties']) && 'errorId' in schema['properties']
      ? { ...schema, required: without(schema['required'], 'message') }
      : schema,
  // The request for a token requires `grant_type` and has the property `grant-type`; the server asks for neither.
  (name, schema) =>
    name === 'ApplicationTokenRequestWithGrant'
      ? { ...schema, required: without(schema['required'], 'grant_type') }
      : schema,
  // The request for a test notification requires a field in another case than it declares it; the server reads that.
  (name, schema) =>
    name === 'NotificationWebhookConfigValidationRequestBody'
      ? { ...schema, required: renamed(schema['required'], 'NotificationTrigger', 'notificationTrigger') }
      : schema,
];

/**
 * @param options.closed Whether an object that declares its properties may have no others, which finds misspelt fields.
 * @throws {Error} where a schema uses what is not translated here.
 */
export function jsonSchemas(schemas: JsonObject, options: { closed: boolean }): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const sound = DEFECTS.reduce((s, correct) => correct(name, s), asObject(schema, name));
      return [name, jsonSchema(sound, name, options)];
    }),
  );
}

function jsonSchema(schema: JsonObject, where: string, options: { closed: boolean }): JsonObject {
  const inner = (value: unknown, key: string) =>
    jsonSchema(asObject(value, `${where}.${key}`), `${where}.${key}`, options);

  // OpenAPI 3.0: the fields next to a $ref are ignored.
  if (typeof schema['$ref'] === 'string')
    return { $ref: schema['$ref'].replace('#/components/', 'airbyte#/components/') };

  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-') || key === 'example' || key === 'discriminator') continue;
    if (key === 'readOnly' || key === 'writeOnly') {
      // Such a field counts in one direction only. No document has had one so far.
      throw new Error(`${where}: ${key} is not translated`);
    }
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(asObject(value, where)).map(([name, s]) => [name, inner(s, name)]),
      );
    } else if (key === 'oneOf' || key === 'anyOf' || key === 'allOf') {
      result[key] = Array.isArray(value) ? value.map((s, index) => inner(s, `${key}[${index}]`)) : value;
    } else if (key === 'items' || key === 'not' || (key === 'additionalProperties' && isObject(value))) {
      result[key] = inner(value, key);
    } else {
      result[key] = value;
    }
  }
  if (isObject(schema['discriminator'])) result['oneOf'] = discriminated(schema['discriminator'], where);
  // A part of an `allOf` describes some of an object's fields, never all of them.
  if (
    options.closed &&
    isObject(result['properties']) &&
    !('additionalProperties' in result) &&
    !/\.allOf\[/.test(where)
  ) {
    result['additionalProperties'] = false;
  }
  return result;
}

/** The alternatives of a discriminator, each bound to the values that stand for it: `oneOf` alone does not do that. */
function discriminated(discriminator: JsonObject, where: string): JsonObject[] {
  const property = String(discriminator['propertyName']);
  return Object.entries(asObject(discriminator['mapping'], where)).map(([value, ref]) => ({
    allOf: [
      { $ref: String(ref).replace('#/components/', 'airbyte#/components/') },
      { required: [property], properties: { [property]: { enum: [value] } } },
    ],
  }));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new Error(`${where}: expected a schema`);
  return value;
}

function renamed(required: unknown, from: string, to: string): string[] {
  return names(required).map((name) => (name === from ? to : name));
}

function without(required: unknown, dropped: string): string[] {
  return names(required).filter((name) => name !== dropped);
}

function names(required: unknown): string[] {
  return Array.isArray(required) ? required.map(String) : [];
}
