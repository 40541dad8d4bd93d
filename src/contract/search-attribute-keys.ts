/** The keys and values of this project's search attributes. */
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';

/** The search attributes of this project's workflows. The worker registers those that the namespace lacks. */
export const searchAttributeKeys = {
  connectionId: defineSearchAttributeKey('AirbyteConnectionId', 'KEYWORD'),
  connectionName: defineSearchAttributeKey('AirbyteConnectionName', 'KEYWORD'),
  workspaceId: defineSearchAttributeKey('AirbyteWorkspaceId', 'KEYWORD'),
  jobId: defineSearchAttributeKey('AirbyteJobId', 'KEYWORD'),
  jobStatus: defineSearchAttributeKey('AirbyteJobStatus', 'KEYWORD'),
  recordsSynced: defineSearchAttributeKey('AirbyteRecordsSynced', 'INT'),
  bytesSynced: defineSearchAttributeKey('AirbyteBytesSynced', 'INT'),
} as const;

/** The limit of a keyword in SQL databases; Temporal's own limit is 2 kB. */
const KEYWORD_LENGTH = 255;

/** A name as the value of a search attribute; a long one is shortened. */
export function searchableName(name: string): string {
  const characters = [...name];
  return characters.length <= KEYWORD_LENGTH ? name : `${characters.slice(0, KEYWORD_LENGTH - 1).join('')}…`;
}

/** The connection of a workflow or a schedule, as far as it is known. */
interface SearchableConnection {
  connectionId: string;
  name?: string | undefined;
  workspaceId?: string | undefined;
}

/** The search attributes by which a connection's workflows and schedules are found. */
export function connectionSearchAttributes(connection: SearchableConnection): SearchAttributePair[] {
  const { connectionId, name, workspaceId } = connection;
  return [
    ...(workspaceId === undefined ? [] : [{ key: searchAttributeKeys.workspaceId, value: workspaceId }]),
    { key: searchAttributeKeys.connectionId, value: connectionId },
    ...(name === undefined ? [] : [{ key: searchAttributeKeys.connectionName, value: searchableName(name) }]),
  ];
}
