import type { Catalog, CatalogStream, Connection } from '../airbyte/schemas';
import { schemaChangesPolicyOf, streamTitle } from '../contract/schema-changes';
import { countByName } from '../text/duplicates';
import { type FieldPath, formatPath } from '../text/field-path';
import { replaceSecrets } from '../text/secrets/literal-secrets';
import { toDocumentSchedule } from './connection-schedule';
import { StreamsByName } from './streams-by-name';

/** A document's name ends up in a workflow id, which people type and Temporal bounds. */
const DOCUMENT_NAME_LENGTH = 200;
/** Of the name of a variable, what comes from the source or destination and from the field: systems bound them, too. */
const OWNER_LENGTH = 80;
const FIELD_LENGTH = 100;

/** A source or a destination as Airbyte has it. */
export interface ExistingActor {
  name: string;
  /** How the document is to name its connector: by name or by id. */
  definition: string;
  /** As Airbyte shows it; masked or not, no secret of it gets into the document. */
  configuration: Record<string, unknown>;
  /** The connector's specification, where the server gives it. */
  specification?: unknown;
}

export interface ExistingConnection {
  connection: Connection;
  source: ExistingActor;
  destination: ExistingActor;
  /** Left out where it is not known. */
  workspace?: string | undefined;
  /** What the source has now; left out where it could not be asked. */
  schema?: Catalog | undefined;
}

/** A secret that somebody has to set where the worker runs. */
export interface RequiredSecret {
  /** The variable's name. */
  name: string;
  /** The field of the document that names it. */
  path: FieldPath;
}

export interface ConnectionDocument {
  /** Not checked yet: not all that Airbyte may have can be said in a document. */
  document: Record<string, unknown>;
  secrets: RequiredSecret[];
  /** What the connection has and a document has no word for. */
  notes: string[];
}

/** The pipeline document that an existing connection would have been made with. */
export function toConnectionDocument(existing: ExistingConnection): ConnectionDocument {
  const { connection, workspace } = existing;
  const streams = streamsOf(existing);
  const secrets: RequiredSecret[] = [];
  const actor = (kind: 'source' | 'destination') => {
    const { name, definition, configuration, specification } = existing[kind];
    const named = replaceSecrets(configuration, specification, (path) => {
      const secret = {
        name: freeName(variableName(name, kind, path), secrets),
        path: [kind, 'configuration', ...path],
      };
      secrets.push(secret);
      return `\${env:${secret.name}}`;
    });
    return { name, definition, configuration: named };
  };
  const document = {
    name: toDocumentName(connection),
    ...(workspace !== undefined && { workspace }),
    source: actor('source'),
    destination: actor('destination'),
    connection: toConnection(connection, streams.kept),
  };
  return { document, secrets, notes: [...notesOn(connection), ...notesOnRemovedStreams(streams)] };
}

/** The streams that a connection syncs: those that its source has, and those that it no longer has. */
function streamsOf({ connection, schema }: ExistingConnection): { kept: CatalogStream[]; gone: CatalogStream[] } {
  const synced = (connection.syncCatalog?.streams ?? []).filter(({ config }) => config?.selected !== false);
  if (schema === undefined) return { kept: synced, gone: [] };
  const source = new StreamsByName(schema);
  const isThere = ({ stream }: CatalogStream) => source.candidatesFor(stream).length > 0;
  const kept = synced.filter(isThere);
  const gone = synced.filter((each) => !isThere(each));
  // A document has one stream at least.
  return { kept: kept.length > 0 ? kept : synced, gone };
}

function notesOnRemovedStreams({
  kept,
  gone,
}: {
  kept: readonly CatalogStream[];
  gone: readonly CatalogStream[];
}): string[] {
  if (gone.length === 0) return [];
  const titles = gone.map(({ stream }) => streamTitle(stream)).join(', ');
  if (gone.some((each) => kept.includes(each))) {
    return [`No longer in the source: ${titles}, which is all that the connection syncs. Name others in the document.`];
  }
  return [
    `No longer in the source: ${titles}. The document leaves out what could not be synced; apply removes it from the connection.`,
  ];
}

function toConnection(connection: Connection, streams: readonly CatalogStream[]) {
  const { name, namespaceDefinition, namespaceFormat, prefix, status } = connection;
  const schemaChanges = schemaChangesPolicyOf(connection['nonBreakingChangesPreference']);
  return {
    name,
    ...(namespaceDefinition !== undefined && { namespaceDefinition }),
    ...(namespaceDefinition === 'customformat' && { namespaceFormat }),
    ...(prefix ? { prefix } : {}),
    ...(status !== undefined && { status }),
    schedule: toDocumentSchedule(connection),
    // That Airbyte ignores changes is its default, and what leaving it out means.
    ...(schemaChanges !== undefined && schemaChanges !== 'ignore' && { schemaChanges }),
    streams: streams.map(({ stream: { name, namespace }, config }) => {
      const { syncMode, destinationSyncMode, cursorField = [], primaryKey = [] } = config ?? {};
      const hasCursor = syncMode === 'incremental' && cursorField.length > 0;
      return {
        name,
        ...(namespace !== undefined && { namespace }),
        ...{ syncMode, destinationSyncMode },
        ...(hasCursor && { cursorField: cursorField.length === 1 ? cursorField[0] : cursorField }),
        ...(primaryKey.length > 0 && { primaryKey: simplifyKey(primaryKey) }),
      };
    }),
  };
}

/** `[[id]]` is `[id]` to people. */
function simplifyKey(primaryKey: string[][]): string[] | string[][] {
  return primaryKey.every((path) => path.length === 1) ? primaryKey.flat() : primaryKey;
}

function notesOn(connection: Connection): string[] {
  const catalog = connection.syncCatalog?.streams ?? [];
  const mapped = catalog.filter(({ config }) => {
    const mappers = config?.['mappers'];
    return config?.['fieldSelectionEnabled'] === true || (Array.isArray(mappers) && mappers.length > 0);
  });
  const names = mapped.map(({ stream }) => stream.name).join(', ');
  const alike = ambiguousStreamNames(connection);
  return [
    ...(alike.length > 0
      ? [
          `Several streams are named ${alike.join(', ')}, and this Airbyte does not say their namespaces. Add them to the document (namespace: …).`,
        ]
      : []),
    ...(mapped.length > 0
      ? [`Fields are left out, hashed or mapped in Airbyte (${names}). A document has no word for it, and it stays so.`]
      : []),
    ...(connection['nonBreakingChangesPreference'] === 'propagate_fully'
      ? [
          'Airbyte adds new streams by itself (propagate_fully). A document has no word for it: streams that it does not list are removed by apply.',
        ]
      : []),
  ];
}

/** The names that several synced streams have of which Airbyte does not say the namespaces, as before 1.8. */
export function ambiguousStreamNames({ syncCatalog }: Connection): string[] {
  const withoutNamespace = (syncCatalog?.streams ?? []).filter(
    ({ stream, config }) => config?.selected !== false && stream.namespace == null,
  );
  const counts = countByName(withoutNamespace.map(({ stream }) => stream.name));
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name);
}

/** `PostgreSQL → MinIO` is `postgresql-minio`: the name ends up in a workflow id, which people type. */
function toDocumentName({ name = '', connectionId }: Connection): string {
  const plain = words(name).join('-').toLowerCase();
  return shortened(plain || connectionId, DOCUMENT_NAME_LENGTH, `-${words(connectionId).join('').slice(0, 8)}`);
}

/** `SECRET_SHOP_TUNNEL_METHOD_SSH_KEY`: after the source or the destination, and the field. */
function variableName(actor: string, kind: string, path: FieldPath): string {
  const owner = words(actor).length > 0 ? words(actor) : [kind];
  const field = path.flatMap((segment) => words(apart(String(segment)))).join('_');
  return ['SECRET', shortened(owner.join('_'), OWNER_LENGTH), ...(field === '' ? [] : [keepEnd(field)])]
    .join('_')
    .toUpperCase();
}

/** A name that is not longer than `length`; one that was says by its end whose it is. */
function shortened(name: string, length: number, end = ''): string {
  return name.length <= length ? name : `${name.slice(0, length - end.length).replace(/[-_]+$/, '')}${end}`;
}

/** The last words of a path tell most of what a field is. */
function keepEnd(field: string): string {
  return field.length <= FIELD_LENGTH ? field : field.slice(-FIELD_LENGTH).replace(/^_+/, '');
}

/** `clientSecret` is `client Secret`. */
function apart(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1 $2');
}

function words(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
}

function freeName(name: string, taken: readonly RequiredSecret[]): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}_${count}`;
    if (!taken.some((secret) => secret.name === candidate)) return candidate;
  }
}

/** The secrets to set, one line each: `SECRET_SHOP_PASSWORD  source.configuration.password`. */
export function describeSecrets(secrets: readonly RequiredSecret[]): string[] {
  const width = Math.max(0, ...secrets.map(({ name }) => name.length));
  return secrets.map(({ name, path }) => `${name.padEnd(width)}  ${formatPath(path)}`);
}
