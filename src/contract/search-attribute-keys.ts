import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';

/**
 * The search attributes by which the workflows of this project are found. Workflow code may import this file: it is free
 * of I/O. The worker registers them where they are missing.
 */
export const searchAttributeKeys = {
  connectionId: defineSearchAttributeKey('AirbyteConnectionId', 'KEYWORD'),
  connectionName: defineSearchAttributeKey('AirbyteConnectionName', 'KEYWORD'),
  workspaceId: defineSearchAttributeKey('AirbyteWorkspaceId', 'KEYWORD'),
  jobId: defineSearchAttributeKey('AirbyteJobId', 'KEYWORD'),
  jobStatus: defineSearchAttributeKey('AirbyteJobStatus', 'KEYWORD'),
  recordsSynced: defineSearchAttributeKey('AirbyteRecordsSynced', 'INT'),
  bytesSynced: defineSearchAttributeKey('AirbyteBytesSynced', 'INT'),
} as const;

/** So many characters of a keyword have room in SQL databases; Temporal itself takes 2 kB. */
const KEYWORD_LENGTH = 255;

/** A name as it can be searched for: of a longer one its beginning. */
export function searchableName(name: string): string {
  const characters = [...name];
  return characters.length <= KEYWORD_LENGTH ? name : `${characters.slice(0, KEYWORD_LENGTH - 1).join('')}…`;
}

/** What is known of a connection that a workflow or a schedule is to be found by. */
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
