/** Writes the first document of a pipeline, with comments, from the specifications of two connectors. */
import { oneLine } from '../text/control-characters';
import { isObject } from '../text/json-object';
import { isSecretName, snakeCase } from '../text/secrets/secret-names';
import { shorten } from '../text/shorten';
import { parsePipelineDocument } from './parse-document';

/** A connector of a new document. */
export interface NewActor {
  /** The name of the source or destination to create. */
  name: string;
  definition: string;
  /** The JSON Schema of its configuration; undefined if Airbyte does not show it. */
  specification: unknown;
}

export interface NewDocument {
  text: string;
  /** The names of the variables to set where the worker runs. */
  secrets: string[];
}

const COMMENT_LENGTH = 160;

/**
 * @param origin where the specifications are from, for the first line
 * @throws PipelineDocumentError when a name is none that a document may have
 */
export function writeNewDocument(
  pipeline: { name: string; workspace?: string | undefined; source: NewActor; destination: NewActor },
  origin: string,
): NewDocument {
  const { name, workspace, source, destination } = pipeline;
  const secrets: string[] = [];
  const lines = [
    `# Written by temporal-airbyte init from ${oneLine(origin)}.`,
    '# Fill in the empty values. Fields behind # are optional: remove the # to set one.',
    `name: ${JSON.stringify(name)}`,
    ...(workspace === undefined ? [] : [`workspace: ${JSON.stringify(workspace)}`]),
    ...actorLines('source', source, secrets),
    ...actorLines('destination', destination, secrets),
    'connection:',
    '  schedule: manual # or { every: 6h } by Airbyte, or { by: temporal, every: 6h } by Temporal',
    '  streams:',
    '    # Every stream of the source. To select some: { name: orders, …, primaryKey: [id], cursorField: updated_at }',
    "    - { name: '*', syncMode: full_refresh, destinationSyncMode: overwrite }",
    '',
  ];
  const text = lines.join('\n');
  parsePipelineDocument(text, 'the new document');
  return { text, secrets };
}

function actorLines(kind: 'source' | 'destination', actor: NewActor, secrets: string[]): string[] {
  const { name, definition, specification } = actor;
  const fields = isObject(specification)
    ? new ConfigurationWriter(name, secrets).fieldsOf(specification, '    ')
    : [
        "    # Airbyte's public API does not show the connector's fields: see its page at https://docs.airbyte.com/integrations",
      ];
  const isEmpty = fields.every((line) => line.trim().startsWith('#'));
  return [
    `${kind}:`,
    `  name: ${JSON.stringify(name)}`,
    `  definition: ${JSON.stringify(definition)}`,
    `  configuration:${isEmpty ? ' {}' : ''}`,
    ...fields,
  ];
}

type Schema = Record<string, unknown>;

class ConfigurationWriter {
  /** @param secrets takes the names of the secrets */
  constructor(
    private readonly actorName: string,
    private readonly secrets: string[],
  ) {}

  /** The lines of an object's fields: the required ones first, and the optional ones as comments. */
  fieldsOf(schema: Schema, indent: string): string[] {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const properties = Object.entries(isObject(schema['properties']) ? schema['properties'] : {})
      .filter((entry): entry is [string, Schema] => isObject(entry[1]) && entry[1]['airbyte_hidden'] !== true)
      .toSorted(([, one], [, other]) => orderOf(one) - orderOf(other));
    // A password is optional for most databases, because a few accept connections without one.
    const isRequired = ([key, property]: [string, Schema]) =>
      required.includes(key) || 'const' in property || property['always_show'] === true || key === 'password';
    return [
      ...properties.filter(isRequired).flatMap(([key, property]) => this.requiredField(key, property, indent)),
      ...properties
        .filter((entry) => !isRequired(entry))
        .flatMap(([key, property]) => this.optionalField(key, property, indent)),
    ];
  }

  private requiredField(key: string, property: Schema, indent: string): string[] {
    const options = optionsOf(property);
    const nested = options[0] ?? (isObject(property['properties']) ? property : undefined);
    if (nested === undefined) {
      return [...commentOf(property, indent), `${indent}${keyOf(key)}: ${JSON.stringify(this.valueOf(key, property))}`];
    }
    const fields = this.fieldsOf(nested, `${indent}  `);
    const isEmpty = fields.every((line) => line.trim().startsWith('#'));
    return [...commentOf(property, indent), `${indent}${keyOf(key)}:${isEmpty ? ' {}' : ''}`, ...fields];
  }

  private optionalField(key: string, property: Schema, indent: string): string[] {
    // What is not set needs no secret.
    const writer = new ConfigurationWriter(this.actorName, []);
    const [option = property] = optionsOf(property);
    const value = isObject(option['properties']) ? writer.requiredValues(option) : writer.valueOf(key, property);
    return [...commentOf(property, indent), `${indent}# ${keyOf(key)}: ${JSON.stringify(value)}`];
  }

  private requiredValues(schema: Schema): Record<string, unknown> {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const properties = Object.entries(isObject(schema['properties']) ? schema['properties'] : {});
    return Object.fromEntries(
      properties.flatMap(([key, property]) =>
        isObject(property) && (required.includes(key) || 'const' in property)
          ? [[key, isObject(property['properties']) ? this.requiredValues(property) : this.valueOf(key, property)]]
          : [],
      ),
    );
  }

  private valueOf(key: string, property: Schema): unknown {
    if (property['airbyte_secret'] === true || (property['type'] === 'string' && isSecretName(key))) {
      return this.secretOf(key);
    }
    const [firstOfEnum] = Array.isArray(property['enum']) ? property['enum'] : [];
    const [example] = Array.isArray(property['examples']) ? property['examples'] : [];
    const given = property['const'] ?? property['default'] ?? firstOfEnum;
    if (given !== undefined) return given;
    const type = [property['type']].flat().find((each) => each !== 'null');
    if (type === 'integer' || type === 'number') return typeof example === 'number' ? example : 0;
    if (type === 'boolean') return false;
    if (type === 'array') return Array.isArray(example) ? example : [];
    return type === 'object' ? {} : '';
  }

  private secretOf(key: string): string {
    const name = `SECRET_${snakeCase(`${this.actorName}_${key}`)
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')}`;
    if (!this.secrets.includes(name)) this.secrets.push(name);
    return `\${env:${name}}`;
  }
}

function optionsOf(property: Schema): Schema[] {
  return (Array.isArray(property['oneOf']) ? property['oneOf'] : []).filter(isObject);
}

function orderOf({ order }: Schema): number {
  return typeof order === 'number' ? order : Number.MAX_SAFE_INTEGER;
}

/** The title and the beginning of the description, and what else the value may be. */
function commentOf(property: Schema, indent: string): string[] {
  const { title, description } = property;
  const texts = [title, description].filter((text) => typeof text === 'string').map(withoutMarkup);
  const choices = Array.isArray(property['enum'])
    ? property['enum']
    : optionsOf(property).map((option) => option['title']);
  const named = choices.filter((choice) => typeof choice === 'string').slice(0, 10);
  const comment = shorten(texts.join(': '), COMMENT_LENGTH);
  return [
    ...(comment === '' ? [] : [`${indent}# ${comment}`]),
    ...(named.length > 1 ? [`${indent}# One of: ${named.map(oneLine).join(' | ')}`] : []),
  ];
}

/** Descriptions of connectors have links in HTML. */
function withoutMarkup(text: string): string {
  return oneLine(text.replace(/<[^>]*>/g, '')).trim();
}

function keyOf(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? key : JSON.stringify(key);
}
