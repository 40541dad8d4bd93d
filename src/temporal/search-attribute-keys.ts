import { defineSearchAttributeKey } from '@temporalio/common';

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
