import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from '@jest/globals';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { cacheFolder } from '../../tools/executables';
import { type JsonObject, jsonSchemas } from './openapi-schemas';

/** Airbyte's own OpenAPI documents. They are not part of this repository: see {@link describeWithDocuments}. */
const DIRECTORY = process.env['AIRBYTE_OPENAPI_DIR'] ?? path.resolve(__dirname, '../../../shared/airbyte');

/** The violations of a document in a request or a response; none is `{ invalid: [], unknown: [] }`. */
export interface Findings {
  /** What breaks the schema: `/syncCatalog/streams must be array`. */
  invalid: string[];
  /** Fields that no schema declares where they stand. The documents leave most objects open, so these are not invalid,
   * but they are how a misspelt field looks. */
  unknown: string[];
}

interface Operation {
  requestBody?: { content?: Record<string, { schema?: JsonObject }> };
  parameters?: { name: string; in: string; required?: boolean; schema?: JsonObject }[];
  responses?: Record<string, { $ref?: string; content?: Record<string, { schema?: JsonObject }> }>;
}

interface ParsedDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: JsonObject; responses: NonNullable<Operation['responses']> };
}

/** One version of one of Airbyte's APIs as its document describes it. */
export class OpenApiDocument {
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly document: () => ParsedDocument;
  private readonly paths: () => Record<string, Record<string, Operation>>;
  private readonly open: () => Ajv;
  private readonly closed: () => Ajv;

  constructor(
    /** `v1.8.0`, or a month: `2026-08`. */
    readonly version: string,
    file: string,
    /** What comes before the document's own paths: `/public/v1` in those of the public API. */
    base = '',
  ) {
    // A test file needs few of the documents, and of those not every part.
    this.document = once(() => readDocument(file));
    this.paths = once(() =>
      Object.fromEntries(Object.entries(this.document().paths).map(([path, operations]) => [base + path, operations])),
    );
    const compiler = (closed: boolean) => schemaCompiler(jsonSchemas(this.document().components.schemas, { closed }));
    this.open = once(() => compiler(false));
    this.closed = once(() => compiler(true));
  }

  /**
   * Whether this version has the call. `path` is what stands behind the host and `/api`: `/v1/connections/sync`, or
   * `/public/v1/jobs/{jobId}` with any id, or as it stands here.
   */
  has(method: string, path: string): boolean {
    return this.operation(method, path) !== undefined;
  }

  /**
   * Examines a request. `url` is a path as for {@link has}, a query string included.
   * @throws {Error} where this version has no such call.
   */
  request(method: string, url: string, body: unknown): Findings {
    const { pathname, searchParams } = new URL(url, 'http://document');
    const operation = this.mustHave(method, pathname);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const unknown = [...searchParams.keys()]
      .filter((name) => !declared.some((parameter) => parameter.name === name))
      .map((name) => `?${name}`);
    const missing = declared
      .filter(({ name, required }) => required === true && !searchParams.has(name))
      .map(({ name }) => `the query must have ${name}`);

    const wrong = declared.flatMap(({ name, schema = {} }) => {
      if (!searchParams.has(name)) return [];
      const where = `${method} ${this.pathOf(pathname)} ?${name}`;
      const value = queryValue(searchParams.getAll(name), schema);
      return this.examine(where, schema, value).invalid.map((problem) => `?${name} ${problem}`);
    });

    const schema = operation.requestBody?.content?.['application/json']?.schema;
    // A call that declares no body takes an empty one as well: the server never reads it.
    if (schema === undefined) return { invalid: [...missing, ...wrong], unknown: [...unknown, ...fieldsOf(body)] };
    const findings = this.examine(`${method} ${this.pathOf(pathname)} request`, schema, body);
    return { invalid: [...missing, ...wrong, ...findings.invalid], unknown: [...unknown, ...findings.unknown] };
  }

  /**
   * Examines a response; undefined where the document says nothing about this status. Where it names the status and no
   * more, any body will do.
   * @throws {Error} where this version has no such call.
   */
  response(method: string, path: string, status: number, body: unknown): Findings | undefined {
    const declared = this.mustHave(method, path).responses?.[String(status)];
    const name = declared?.$ref?.split('/').pop();
    const response = name === undefined ? declared : this.document().components.responses[name];
    if (response === undefined) return undefined;
    const schema = response.content?.['application/json']?.schema;
    if (schema === undefined) return { invalid: [], unknown: [] };
    return this.examine(`${method} ${this.pathOf(path)} ${status}`, schema, body);
  }

  private examine(name: string, schema: JsonObject, value: unknown): Findings {
    const invalid = problems(this.validator(this.open(), `${name} open`, schema, false), value);
    const all = problems(this.validator(this.closed(), `${name} closed`, schema, true), value);
    return {
      invalid: invalid.map(describeProblem),
      unknown: all
        .filter((error) => error.keyword === 'additionalProperties')
        .map((error) => `${error.instancePath}/${error.params['additionalProperty']}`)
        .filter((field, index, fields) => fields.indexOf(field) === index),
    };
  }

  private validator(compiler: Ajv, name: string, schema: JsonObject, closed: boolean): ValidateFunction {
    const compiled =
      this.validators.get(name) ?? compiler.compile(jsonSchemas({ schema }, { closed })['schema'] ?? false);
    this.validators.set(name, compiled);
    return compiled;
  }

  private operation(method: string, path: string): Operation | undefined {
    return this.paths()[this.pathOf(path)]?.[method.toLowerCase()];
  }

  /** The document's own path for one with ids in it. */
  private pathOf(path: string): string {
    const paths = this.paths();
    if (path in paths) return path;
    const given = path.split('/');
    const fits = (declared: string) => {
      const segments = declared.split('/');
      return segments.length === given.length && segments.every((s, index) => s.startsWith('{') || s === given[index]);
    };
    return Object.keys(paths).find(fits) ?? path;
  }

  private mustHave(method: string, path: string): Operation {
    const operation = this.operation(method, path);
    if (operation === undefined) throw new Error(`Airbyte ${this.version} has no ${method} ${path}`);
    return operation;
  }
}

/** Every document of the Config API there is, oldest version first. */
export const openApiDocuments: readonly OpenApiDocument[] = documentFiles('config').map(
  ({ version, file }) => new OpenApiDocument(version, file),
);

/** Every document of the public API there is, oldest version first. */
export const publicApiDocuments: readonly OpenApiDocument[] = documentFiles('public').map(
  ({ version, file }) => new OpenApiDocument(version, file, '/public/v1'),
);

/** The tests that need the documents: where there are none they are skipped, and the name of the skipped test says so. */
export function describeWithDocuments(name: string, tests: () => void): void {
  if (openApiDocuments.length > 0) describe(name, tests);
  else describe(name, () => test.skip('skipped: no OpenAPI documents', () => undefined));
}

/** Reads a document. Its YAML takes a second to parse, so what it parses to is kept as JSON for the other test files. */
function readDocument(file: string): ParsedDocument {
  const text = readFileSync(file, 'utf8');
  const parsedFile = path.join(cacheFolder(), `openapi-${createHash('sha256').update(text).digest('hex')}.json`);
  if (existsSync(parsedFile)) return JSON.parse(readFileSync(parsedFile, 'utf8'));
  const parsed = parse(text);
  mkdirSync(cacheFolder(), { recursive: true });
  // Test files that run concurrently write the same text; each replaces the file as a whole.
  const written = `${parsedFile}.${process.pid}`;
  writeFileSync(written, JSON.stringify(parsed));
  renameSync(written, parsedFile);
  return parsed;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function documentFiles(api: 'config' | 'public'): { version: string; file: string }[] {
  if (!existsSync(DIRECTORY)) return [];
  return readdirSync(DIRECTORY)
    .flatMap((file) => {
      const version = new RegExp(`^${api}-(.+)\\.yaml$`).exec(file)?.[1];
      return version === undefined ? [] : [{ version, file: path.join(DIRECTORY, file) }];
    })
    .sort((a, b) => age(a.version).localeCompare(age(b.version), 'en', { numeric: true }));
}

/** Releases before months: Airbyte stopped to number its documents when it began to date them. */
function age(version: string): string {
  return version.startsWith('v') ? `0 ${version}` : `1 ${version}`;
}

function schemaCompiler(schemas: Record<string, JsonObject>): Ajv {
  // Not lax about keywords and formats: one that is not understood here would silently check nothing.
  const ajv = new Ajv({ allErrors: true, strict: false, strictSchema: true });
  addFormats(ajv);
  ajv.addFormat('UUID', (value: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value));
  ajv.addFormat('int', { type: 'number', validate: Number.isInteger });
  ajv.addFormat('set', true);
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'airbyte', components: { schemas } });
  return ajv;
}

function problems(validate: ValidateFunction, value: unknown): ErrorObject[] {
  return validate(value) ? [] : (validate.errors ?? []);
}

function describeProblem({ instancePath, keyword, message, params }: ErrorObject): string {
  const detail =
    keyword === 'enum'
      ? `: ${params['allowedValues']}`
      : keyword === 'additionalProperties'
        ? `: ${params['additionalProperty']}`
        : '';
  return `${instancePath || 'the body'} ${message}${detail}`;
}

/** What a server reads a query's texts as. */
function queryValue(texts: string[], { type }: JsonObject): unknown {
  const [text = ''] = texts;
  if (type === 'array') return texts;
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return text;
}

function fieldsOf(body: unknown): string[] {
  return typeof body === 'object' && body !== null ? Object.keys(body).map((field) => `/${field}`) : [];
}
