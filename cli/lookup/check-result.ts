import type { AirbyteCapabilities } from '../../src/airbyte/capabilities';

/** What a check of `doctor` has found. */
export interface CheckResult {
  status: 'ok' | 'warning' | 'failed';
  /** What the check found; never the value of a variable that may be a secret. */
  message: string;
  /** What to do about it. */
  hint?: string;
  /** What the Airbyte server supports, for `--json`. */
  capabilities?: AirbyteCapabilities;
  /** Fixes the problem, for `doctor --fix`. An error that it throws counts as a failed check. */
  fix?: () => Promise<CheckResult>;
}
