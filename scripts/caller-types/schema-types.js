// Reads the JSON Schemas of the package as types that Python, Go and Java can write.
//
// A form is one of { is: 'text' | 'whole' | 'yesNo' | 'any' }, { is: 'choice', of: [value] }, { is: 'list' | 'map', of: form },
// { is: 'record', name } and { is: 'either', of: [form] }.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const ROOT = join(__dirname, '..', '..');

/** The types that callers of a workflow need, each with its schema: those that they send, and those that they receive. */
const SENT = {
  SyncConnectionInput: 'schemas/SyncConnectionInput.json',
  PipelineDocument: 'pipeline.schema.json',
  FleetInput: 'schemas/FleetInput.json',
};
const RECEIVED = [
  'SyncConnectionResult',
  'SyncProgress',
  'JobOutcome',
  'PipelineResult',
  'PipelineProgress',
  'FleetResult',
  'FleetProgress',
];

const SCALARS = { string: 'text', integer: 'whole', boolean: 'yesNo' };

class SchemaTypes {
  /** In an order in which no record needs a later one. */
  records = [];
  /** The names of records by their schemas: a schema that occurs twice is one record. */
  #names = new Map();

  constructor(direction) {
    this.direction = direction;
  }

  add(name, schema) {
    const identity = JSON.stringify([schema.properties, schema.required ?? []]);
    const known = this.#names.get(identity);
    if (known !== undefined) return known;
    this.#names.set(identity, name);
    const fields = Object.entries(schema.properties)
      .filter(([key]) => key !== '$schema')
      .map(([key, property]) => ({
        name: key,
        description: property.description,
        isRequired: schema.required?.includes(key) ?? false,
        ...this.#field(`${name}${key[0].toUpperCase()}${key.slice(1)}`, property),
      }));
    this.records.push({ name, direction: this.direction, fields });
    return name;
  }

  #field(name, schema) {
    const { anyOf, type } = schema;
    if (Array.isArray(type) && type.includes('null') && type.length === 2) {
      return { isNullable: true, form: this.#form(name, { ...schema, type: type.find((each) => each !== 'null') }) };
    }
    const forms = anyOf?.filter((each) => each.type !== 'null');
    if (forms === undefined || forms.length === anyOf.length)
      return { isNullable: false, form: this.#form(name, schema) };
    return { isNullable: true, form: this.#form(name, forms.length === 1 ? forms[0] : { anyOf: forms }) };
  }

  #form(name, schema) {
    const { anyOf, type, properties, items, additionalProperties } = schema;
    if (anyOf !== undefined) {
      // Records among which only their values tell which one it is are left to the caller.
      if (anyOf.filter((each) => each.properties).length > 1) return { is: 'any' };
      return { is: 'either', of: anyOf.map((each) => this.#form(name, each)) };
    }
    if (schema.enum !== undefined || (type === 'string' && schema.const !== undefined)) {
      return { is: 'choice', of: schema.enum ?? [schema.const] };
    }
    if (properties !== undefined) return { is: 'record', name: this.add(name, schema) };
    if (type === 'object') return { is: 'map', of: this.#form(name, additionalProperties ?? {}) };
    if (type === 'array') return { is: 'list', of: this.#form(name.replace(/s$/, ''), items) };
    if (SCALARS[type] !== undefined) return { is: SCALARS[type] };
    if (type === undefined) return { is: 'any' };
    throw new Error(`${name} has a type that no caller has yet: ${JSON.stringify(schema)}`);
  }
}

/** The records of all schemas: `{ name, direction, fields: [{ name, description, isRequired, isNullable, form }] }`. */
function callerRecords() {
  const read = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  const sent = new SchemaTypes('sent');
  for (const [name, file] of Object.entries(SENT)) sent.add(name, read(file));
  const received = new SchemaTypes('received');
  for (const name of RECEIVED) received.add(name, read(`schemas/${name}.json`));
  return [...sent.records, ...received.records];
}

/** What a comment says of a field. A choice that is received may have more values in later releases. */
function descriptionOf({ description, form }) {
  const choices = form.is === 'choice' && form.of.length > 1 ? ` One of: '${form.of.join("', '")}'.` : '';
  return `${description ?? ''}${choices}`.trim();
}

/** The lines of a comment. */
function commentLines(text, prefix, width = 110) {
  const lines = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= width - prefix.length) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.map((line) => `${prefix}${line}\n`).join('');
}

module.exports = { callerRecords, commentLines, descriptionOf };
