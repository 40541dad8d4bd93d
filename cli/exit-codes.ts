import type { FailureType } from '../src/contract/failure-types';

/** The process's exit codes. Schedulers and scripts branch on them. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** The sync or pipeline failed. */
  failed: 1,
  /** Bad usage or bad input: the same command will fail again until it is changed. */
  badInput: 2,
  /** Temporal or Airbyte is out of reach, or does not let us in: worth another try once it is back. */
  outOfReach: 3,
  /**
   * `plan --detailed-exitcode`, and there only: there is something to do. As with Terraform's, every error is 1 then, and
   * nothing else is 2.
   */
  changes: 2,
  /** Interrupted with Ctrl-C, or by a SIGTERM. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const EXIT_CODES_BY_FAILURE_TYPE: Readonly<Record<FailureType, ExitCode>> = {
  AirbyteCheckFailed: EXIT.failed,
  AirbyteSyncFailed: EXIT.failed,
  AirbyteSyncTimedOut: EXIT.failed,
  AirbyteJobCancelled: EXIT.failed,
  AirbyteConflict: EXIT.failed,
  AirbyteNotFound: EXIT.badInput,
  AirbyteInvalidRequest: EXIT.badInput,
  AirbyteUnsupported: EXIT.badInput,
  InvalidInput: EXIT.badInput,
  AirbyteUnauthorized: EXIT.outOfReach,
  AirbyteUnavailable: EXIT.outOfReach,
};

/** The exit code of a failure's `type`; one that is not ours is a failed sync or pipeline. */
export function exitCodeOfFailureType(type: string | undefined | null): ExitCode {
  return type && Object.hasOwn(EXIT_CODES_BY_FAILURE_TYPE, type)
    ? EXIT_CODES_BY_FAILURE_TYPE[type as FailureType]
    : EXIT.failed;
}
