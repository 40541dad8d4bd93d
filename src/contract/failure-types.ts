/**
 * The `type` of every failure of this project's activities and workflows. The types are public: callers in any language
 * match on them, and retry policies name them.
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
