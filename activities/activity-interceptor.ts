import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import type { TransientErrors } from '../src/airbyte/transient-errors';
import { DomainError, ErrorWithDetails } from '../src/contract/domain-error';
import { describeLimitViolation, MAXIMUM_INPUT_BYTES } from '../src/contract/validation/input-limits';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import { formatNumber } from '../src/text/formatting';
import { onBehalfOf } from '../src/text/masking/caller-texts';
import { mapLeaves } from '../src/text/secrets/secret-references';
import { toFailure } from './failures';
import { whileHeartbeating } from './heartbeat';

type Activity = (...args: never[]) => Promise<unknown>;

/** These activities wait by themselves until a transient error is over. */
const WAITS_BY_ITSELF: readonly string[] = ['waitForJob'];

/**
 * Surrounds each activity with what all of them need: heartbeats, limits of size, secrets masked in results and failures,
 * and errors turned into failures of the contract's types.
 *
 * It is not one of the worker's interceptors, which would also surround activities that a host application has of its own.
 */
export class ActivityInterceptor {
  constructor(
    private readonly secrets: Pick<SecretResolver, 'mask'>,
    private readonly transientErrors: Pick<TransientErrors, 'classify' | 'succeeded'>,
  ) {}

  interceptAll<T extends Record<string, Activity>>(activities: T): T {
    const intercepted = Object.entries(activities).map(([name, activity]): [string, Activity] => [
      name,
      (...args) => this.#execute(name, args, activity),
    ]);
    return Object.fromEntries(intercepted) as T;
  }

  /**
   * Runs what an activity has detached: with the same limits, and its result and errors as those of an activity.
   *
   * @throws what the activity fails with
   */
  async whileDetached<T>(name: string, run: () => Promise<T>): Promise<T> {
    try {
      return assertResultSize(name, this.#mask(await run()));
    } catch (error) {
      throw this.#toFailure(name, error);
    }
  }

  #execute(name: string, args: never[], activity: Activity): Promise<unknown> {
    return onBehalfOf(args, async () => {
      try {
        const result = await whileHeartbeating(() => this.#executeWithinLimits(name, args, activity));
        this.transientErrors.succeeded(activityKey());
        return result;
      } catch (error) {
        throw error instanceof CompleteAsyncError ? error : this.#toFailure(name, error);
      }
    });
  }

  async #executeWithinLimits(name: string, args: never[], activity: Activity): Promise<unknown> {
    assertWithinLimits(args);
    return assertResultSize(name, this.#mask(await activity(...args)));
  }

  /** Masks the secrets in a result, which stays in the history. Responses come masked; this masks names and other data. */
  #mask<T>(result: T): T {
    const { mask } = this.secrets;
    const text = JSON.stringify(result);
    if (text === undefined || mask(text) === text) return result;
    return mapLeaves(result, [], (value) => (typeof value === 'string' ? mask(value) : value)) as T;
  }

  #toFailure(name: string, thrown: unknown): unknown {
    const { error, details } = thrown instanceof ErrorWithDetails ? thrown : { error: thrown, details: [] };
    const classified = WAITS_BY_ITSELF.includes(name) ? error : this.transientErrors.classify(error, activityKey());
    return toFailure(classified, this.secrets, details);
  }
}

/** Identifies the running activity: the same in each of its attempts. */
function activityKey(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId} ${activityId}`;
}

/** @throws DomainError `InvalidInput` for arguments that exceed the limits of this project's inputs */
function assertWithinLimits(args: readonly unknown[]): void {
  const violation = describeLimitViolation(args);
  if (violation !== undefined) throw new DomainError('InvalidInput', violation);
}

/**
 * Rejects a result that exceeds Temporal's size limit: Temporal would retry the activity until its timeout, with the same
 * result each time.
 *
 * @throws DomainError `InvalidInput`
 */
export function assertResultSize<T>(activity: string, result: T): T {
  if (result === undefined) return result;
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAXIMUM_INPUT_BYTES) return result;
  throw new DomainError(
    'InvalidInput',
    `What ${activity} has found takes ${formatNumber(bytes)} bytes, and Temporal takes ${formatNumber(MAXIMUM_INPUT_BYTES)}: ` +
      'select fewer streams or connections, in several documents.',
  );
}
