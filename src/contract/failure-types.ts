/**
 * The `type` of every failure that leaves this project's activities and workflows. They are public: callers in any
 * language match on them, and retry policies name them.
 */
export const FAILURE_TYPES = [
  'AirbyteCheckFailed',
  'AirbyteSyncFailed',
  'AirbyteSyncTimedOut',
  'AirbyteJobCancelled',
  'AirbyteNotFound',
  'AirbyteInvalidRequest',
  'AirbyteUnauthorized',
  'AirbyteConflict',
  'AirbyteUnavailable',
  'AirbyteUnsupported',
  'InvalidInput',
] as const;

export type FailureType = (typeof FAILURE_TYPES)[number];
