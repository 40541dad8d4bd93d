import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo, cancellationSignal, getClient, log } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { AirbyteError } from '../src/airbyte/errors';
import { creationLockId } from '../src/contract/workflow-ids';
import { summary } from '../src/details/static-details';
import { GRPC_STATUS, grpcErrorOf } from '../src/temporal/grpc-status';
import { AttemptLease } from './attempt-lease';
import { changesOfEarlierAttempts } from './attempted-changes';

/** What two callers must not create at the same time: Airbyte takes any number of objects of one name. */
export interface CreationKey {
  kind: 'source' | 'destination' | 'connection';
  workspaceId: string;
  name: string;
}

/** The right to create something, which one activity of all workers has at a time. */
export interface CreationLock {
  /**
   * Called right before a request goes out.
   *
   * @throws AirbyteError retryable, when the lock may be over by the time that the request has ended, or LeaseOverError when
   *   Temporal may have started another attempt of the activity, which has the same lock
   */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * After this time Temporal frees the lock of a holder that has died: longer than a holder may take, which waits for a
 * request of unknown effect as well.
 */
const LEASE_MS = 8 * 60_000;
/** A request, and the wait for what it may still bring about, take less than the rest of the lease. */
const MAXIMUM_HOLD_MS = LEASE_MS / 2;
/** A waiter that hears nothing of the end of a lock looks by itself, since what it waits for may be there. */
const POLL_INTERVAL_MS = 5_000;
/**
 * A lock that is not over by this time after its release is terminated: it may have no worker, since one is shutting down,
 * is of an earlier release or was given other workflows.
 */
const RELEASE_TIMEOUT_MS = 2_000;

/** The workflow that stands for a lock; `activities/` names it, since it imports no workflow code. */
const LOCK_WORKFLOW = 'creationLock';

/**
 * Takes the lock of a name. The lock is a workflow, because Temporal runs only one of an id: so it holds over all workers
 * of a namespace. An activity whose worker died while it held the lock has it again at its next attempt.
 *
 * @param find tells, between two waits, whether another caller has created the object meanwhile
 * @returns the lock, or what `find` has found
 */
export async function lockCreation<T>(
  name: CreationKey,
  find: () => Promise<T | undefined>,
): Promise<{ lock: CreationLock } | { found: T }> {
  const workflowId = lockIdOf(name);
  for (;;) {
    const lock = await take(workflowId, name);
    if (lock !== undefined) return { lock };
    log.info(`Another run creates the ${name.kind} '${name.name}': waiting for it`, { workflowId });
    await isOver(workflowId, undefined, POLL_INTERVAL_MS, cancellationSignal());
    const found = await find();
    if (found !== undefined) return { found };
  }
}

/** Names of any length and any characters. */
function lockIdOf({ kind, workspaceId, name }: CreationKey): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([workspaceId, name]))
    .digest('hex')
    .slice(0, 32);
  return creationLockId(kind, digest, activityInfo().taskQueue);
}

/** @returns undefined while another activity has the lock */
async function take(workflowId: string, { kind, name }: CreationKey): Promise<CreationLock | undefined> {
  const { workflow } = getClient();
  const owner = ownerOf();
  const takenAt = Date.now();
  try {
    const { firstExecutionRunId } = await workflow.start(LOCK_WORKFLOW, {
      workflowId,
      taskQueue: activityInfo().taskQueue,
      workflowRunTimeout: LEASE_MS,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { owner },
      staticSummary: summary(`Only one run creates the ${kind} ${name}`),
    });
    return holding(workflowId, firstExecutionRunId, takenAt);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return noLockIfNotPermitted(error);
  }
  const { memo, runId, status, startTime } = await workflow.getHandle(workflowId).describe();
  const isOurs = status.name === 'RUNNING' && memo?.['owner'] === owner;
  return isOurs ? holding(workflowId, runId, startTime.getTime()) : undefined;
}

/** The same over all attempts of an activity. */
function ownerOf(): string {
  const { workflowExecution, activityId } = activityInfo();
  return [workflowExecution?.workflowId, workflowExecution?.runId, activityId].join('/');
}

function holding(workflowId: string, runId: string, takenAt: number): CreationLock {
  const lease = new AttemptLease();
  return {
    async check() {
      if (lease.isInDoubt) await lease.renew(changesOfEarlierAttempts());
      lease.assertValid();
      // The clock of the wall goes on while a process or its machine is frozen.
      if (Date.now() - takenAt < MAXIMUM_HOLD_MS) return;
      throw new AirbyteError({
        type: 'AirbyteUnavailable',
        call: 'create',
        message: 'Another run may create the same by now, since this one was held up for minutes. Try again.',
        retryable: true,
        effect: 'none',
      });
    },
    async release() {
      const handle = getClient().workflow.getHandle(workflowId, runId);
      try {
        await handle.signal('release');
        if (await isOver(workflowId, runId, RELEASE_TIMEOUT_MS)) return;
        await handle.terminate('Released, and no worker has ended it');
      } catch (error) {
        // Nobody waits longer than the lease.
        log.debug('The lock of a creation was not released', { workflowId, reason: String(error) });
      }
    },
  };
}

/** A worker that may not start workflows creates without a lock, as one worker alone may. */
function noLockIfNotPermitted(error: unknown): CreationLock {
  const code = grpcErrorOf(error)?.code;
  if (code !== GRPC_STATUS.PERMISSION_DENIED && code !== GRPC_STATUS.UNIMPLEMENTED) throw error;
  log.warn('This worker may start no workflows, so nothing keeps two runs from creating the same at the same time', {
    reason: String(error),
  });
  return { check: async () => undefined, release: async () => undefined };
}

/**
 * Waits until a lock is free, or for a time.
 *
 * @param runId the latest run when left out
 * @returns whether it is free
 */
async function isOver(
  workflowId: string,
  runId: string | undefined,
  withinMs: number,
  cancelled?: AbortSignal,
): Promise<boolean> {
  const client = getClient();
  const over = new AbortController();
  const signal = cancelled === undefined ? over.signal : AbortSignal.any([over.signal, cancelled]);
  const timeIsOver = delay(withinMs, false, { signal });
  const ended = client
    .withAbortSignal(signal, () => client.workflow.getHandle(workflowId, runId).result())
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError) return true;
        log.debug('Temporal does not tell when the lock of a creation is over', { workflowId, reason: String(error) });
        return timeIsOver.catch(() => false);
      },
    );
  try {
    return await Promise.race([ended, timeIsOver]);
  } finally {
    over.abort();
    await ended;
  }
}
