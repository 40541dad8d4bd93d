import type { FailureType } from '../src/contract/failure-types';

/** The exit codes of the process. Schedulers and scripts depend on them. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** The sync or pipeline failed. */
  failed: 1,
  /** Bad usage or bad input: the same command fails again until it is changed. */
  badInput: 2,
  /** Temporal or Airbyte is unreachable, or rejects the credentials: the same command may succeed later. */
  outOfReach: 3,
  /**
   * The plan has changes. Only `plan --detailed-exitcode` uses it; every error is then 1, as in Terraform, so that 2 has one
   * meaning.
   */
  changes: 2,
  /** Interrupted with Ctrl-C or by SIGTERM. */
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

/** The exit code for a failure's `type`. An unknown type counts as a failed sync or pipeline. */
export function exitCodeOfFailureType(type: string | undefined | null): ExitCode {
  return type && Object.hasOwn(EXIT_CODES_BY_FAILURE_TYPE, type)
    ? EXIT_CODES_BY_FAILURE_TYPE[type as FailureType]
    : EXIT.failed;
}
