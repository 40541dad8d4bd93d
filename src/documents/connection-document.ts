/** Makes a pipeline document of an existing connection, for `temporal-airbyte import`. */
import type { Catalog, CatalogStream, Connection } from '../airbyte/schemas';
import { schemaChangesPolicyOf, streamTitle } from '../contract/schema-changes';
import { countByName } from '../text/duplicates';
import { type FieldPath, formatPath } from '../text/field-path';
import { replaceSecrets } from '../text/secrets/literal-secrets';
import { toDocumentSchedule } from './connection-schedule';
import { StreamsByName } from './streams-by-name';

/** The limit of a document's name: it becomes part of a workflow id, which Temporal limits and users type. */
const DOCUMENT_NAME_LENGTH = 200;
/** The limits of the two parts of a variable's name, from the source or destination and from the field: systems limit names. */
const OWNER_LENGTH = 80;
const FIELD_LENGTH = 100;

/** An existing source or destination. */
export interface ExistingActor {
  name: string;
  /** The name or id of its definition, for the document. */
  definition: string;
  /** The configuration that Airbyte returns. The document contains no secret of it, whether Airbyte has masked it or not. */
  configuration: Record<string, unknown>;
  /** The connector's specification, if the server returns it. */
  specification?: unknown;
}

export interface ExistingConnection {
  connection: Connection;
  source: ExistingActor;
  destination: ExistingActor;
  /** Left out if it is not known. */
  workspace?: string | undefined;
  /** The source's current schema; left out if it could not be discovered. */
  schema?: Catalog | undefined;
}

/** A secret that the user must set where the worker runs. */
export interface RequiredSecret {
  /** The variable's name. */
  name: string;
  /** The path of the document's field that refers to it. */
  path: FieldPath;
}

export interface ConnectionDocument {
  /** Not checked yet: a document cannot express everything that Airbyte supports. */
  document: Record<string, unknown>;
  secrets: RequiredSecret[];
  /** Settings of the connection that a document cannot express. */
  notes: string[];
}

/** Makes the pipeline document that would create an existing connection. */
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
    connection: toConnection(connection, streams.present),
  };
  return { document, secrets, notes: [...notesOn(connection), ...notesOnRemovedStreams(streams)] };
}

/** The streams that a connection syncs, by whether its source still has them. */
interface SyncedStreams {
  present: CatalogStream[];
  removed: CatalogStream[];
}

function streamsOf({ connection, schema }: ExistingConnection): SyncedStreams {
  const synced = (connection.syncCatalog?.streams ?? []).filter(({ config }) => config?.selected !== false);
  if (schema === undefined) return { present: synced, removed: [] };
  const source = new StreamsByName(schema);
  const isPresent = ({ stream }: CatalogStream) => source.candidatesFor(stream).length > 0;
  const present = synced.filter(isPresent);
  const removed = synced.filter((each) => !isPresent(each));
  // A document must have at least one stream.
  return { present: present.length > 0 ? present : synced, removed };
}

function notesOnRemovedStreams({ present, removed }: SyncedStreams): string[] {
  if (removed.length === 0) return [];
  const titles = removed.map(({ stream }) => streamTitle(stream)).join(', ');
  if (removed.some((each) => present.includes(each))) {
    return [
      `No longer in the source: ${titles}. The connection syncs no other streams: replace these in the document.`,
    ];
  }
  return [
    `No longer in the source: ${titles}. The document leaves these streams out; apply removes them from the connection.`,
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
    // Airbyte ignores schema changes by default.
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

/** Simplifies `[[id]]` to `[id]`. */
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
          `Several streams have the name ${alike.join(', ')}, and this Airbyte does not return their namespaces. Add the namespaces to the document (namespace: …).`,
        ]
      : []),
    ...(mapped.length > 0
      ? [
          `Airbyte removes, hashes or maps fields of streams (${names}). A document cannot express this, and apply does not change it.`,
        ]
      : []),
    ...(connection['nonBreakingChangesPreference'] === 'propagate_fully'
      ? [
          'Airbyte adds new streams to the connection (propagate_fully). A document cannot express this: apply removes streams that it does not list.',
        ]
      : []),
  ];
}

/** The names that several synced streams have. Airbyte before 1.8 does not return their namespaces. */
export function ambiguousStreamNames({ syncCatalog }: Connection): string[] {
  const withoutNamespace = (syncCatalog?.streams ?? []).filter(
    ({ stream, config }) => config?.selected !== false && stream.namespace == null,
  );
  const counts = countByName(withoutNamespace.map(({ stream }) => stream.name));
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name);
}

/** Makes a document's name of a connection's: `PostgreSQL → MinIO` becomes `postgresql-minio`, which is easier to type. */
function toDocumentName({ name = '', connectionId }: Connection): string {
  const plain = words(name).join('-').toLowerCase();
  return shortened(plain || connectionId, DOCUMENT_NAME_LENGTH, `-${words(connectionId).join('').slice(0, 8)}`);
}

/** Names a variable after its source or destination and its field: `SECRET_SHOP_TUNNEL_METHOD_SSH_KEY`. */
function variableName(actor: string, kind: string, path: FieldPath): string {
  const owner = words(actor).length > 0 ? words(actor) : [kind];
  const field = path.flatMap((segment) => words(splitCamelCase(String(segment)))).join('_');
  return ['SECRET', shortened(owner.join('_'), OWNER_LENGTH), ...(field === '' ? [] : [keepEnd(field)])]
    .join('_')
    .toUpperCase();
}

/** Shortens a name to at most `length` characters, of which `end` identifies the connection. */
function shortened(name: string, length: number, end = ''): string {
  return name.length <= length ? name : `${name.slice(0, length - end.length).replace(/[-_]+$/, '')}${end}`;
}

/** Keeps the last words of a long path: they describe the field best. */
function keepEnd(field: string): string {
  return field.length <= FIELD_LENGTH ? field : field.slice(-FIELD_LENGTH).replace(/^_+/, '');
}

/** Splits `clientSecret` into `client Secret`. */
function splitCamelCase(key: string): string {
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

/** Lists the secrets to set, one in each line: `SECRET_SHOP_PASSWORD  source.configuration.password`. */
export function describeSecrets(secrets: readonly RequiredSecret[]): string[] {
  const width = Math.max(0, ...secrets.map(({ name }) => name.length));
  return secrets.map(({ name, path }) => `${name.padEnd(width)}  ${formatPath(path)}`);
}
