import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo, cancellationSignal, getClient, log } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { AirbyteError } from '../src/airbyte/errors';
import { creationLockId } from '../src/contract/workflow-ids';
import { summary } from '../src/details/static-details';
import type { CreationKey, CreationLock } from '../src/reconcile/ports';
import { GRPC_STATUS, grpcErrorOf } from '../src/temporal/grpc-status';
import { AttemptLease } from './attempt-lease';

/**
 * After this time Temporal frees the lock of a holder that died. A holder takes less time, including its wait after a request of
 * unknown effect.
 */
const LEASE_MS = 8 * 60_000;
/** A request and the wait for its unknown effect take less than the rest of the lease. */
const MAXIMUM_HOLD_MS = LEASE_MS / 2;
/** A waiter that learns nothing of the end of a lock polls for the object, which may exist by then. */
const POLL_INTERVAL_MS = 5_000;
/**
 * A lock that has not ended this long after its release is terminated. It may have no worker that ends it, because the worker is
 * shutting down, runs an earlier release or has other workflows.
 */
const RELEASE_TIMEOUT_MS = 2_000;

/** The type of the workflow that is a lock, by name, because activities import no workflow code. */
const LOCK_WORKFLOW = 'creationLock';

/**
 * Acquires the lock of a name. The lock is a workflow, because Temporal runs only one workflow of an id: so the lock is valid for
 * all workers of a namespace. If a worker dies while its activity has the lock, the next attempt of the activity has it again.
 *
 * @param find finds the object, between two waits, if another activity has created it in the meantime
 * @returns the lock, or what `find` found
 */
export async function lockCreation<T>(
  name: CreationKey,
  find: () => Promise<T | undefined>,
): Promise<{ lock: CreationLock } | { found: T }> {
  const workflowId = lockIdOf(name);
  for (;;) {
    const lock = await tryLock(workflowId, name);
    if (lock !== undefined) return { lock };
    log.info(`Another run creates the ${name.kind} '${name.name}': waiting for it`, { workflowId });
    await waitUntilFree(workflowId, undefined, POLL_INTERVAL_MS, cancellationSignal());
    const found = await find();
    if (found !== undefined) return { found };
  }
}

/** Hashes the name, which may have any length and any characters. */
function lockIdOf({ kind, workspaceId, name }: CreationKey): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([workspaceId, name]))
    .digest('hex')
    .slice(0, 32);
  return creationLockId(kind, digest, activityInfo().taskQueue);
}

/** @returns undefined while another activity has the lock */
async function tryLock(workflowId: string, { kind, name }: CreationKey): Promise<CreationLock | undefined> {
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
    return heldLock(workflowId, firstExecutionRunId, takenAt);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return noLockIfNotPermitted(error);
  }
  const { memo, runId, status, startTime } = await workflow.getHandle(workflowId).describe();
  const isOurs = status.name === 'RUNNING' && memo?.['owner'] === owner;
  return isOurs ? heldLock(workflowId, runId, startTime.getTime()) : undefined;
}

/** Identifies the activity; the same in all of its attempts. */
function ownerOf(): string {
  const { workflowExecution, activityId } = activityInfo();
  return [workflowExecution?.workflowId, workflowExecution?.runId, activityId].join('/');
}

function heldLock(workflowId: string, runId: string, takenAt: number): CreationLock {
  const lease = new AttemptLease();
  return {
    async check() {
      if (lease.isInDoubt) await lease.renew(activityInfo().heartbeatDetails ?? {});
      lease.assertValid();
      // The wall clock continues while a process or its machine is frozen.
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
        if (await waitUntilFree(workflowId, runId, RELEASE_TIMEOUT_MS)) return;
        await handle.terminate('Released, and no worker has ended it');
      } catch (error) {
        // The lease expires by itself.
        log.debug('The lock of a creation was not released', { workflowId, reason: String(error) });
      }
    },
  };
}

/** A worker that may not start workflows creates without a lock. That is safe with one worker only. */
function noLockIfNotPermitted(error: unknown): CreationLock {
  const code = grpcErrorOf(error)?.code;
  if (code !== GRPC_STATUS.PERMISSION_DENIED && code !== GRPC_STATUS.UNIMPLEMENTED) throw error;
  log.warn('This worker may start no workflows, so nothing keeps two runs from creating the same at the same time', {
    reason: String(error),
  });
  return { check: async () => undefined, release: async () => undefined };
}

/**
 * Waits until a lock is free, up to a time limit.
 *
 * @param runId the latest run when left out
 * @returns whether it is free
 */
async function waitUntilFree(
  workflowId: string,
  runId: string | undefined,
  withinMs: number,
  cancellation?: AbortSignal,
): Promise<boolean> {
  const client = getClient();
  const over = new AbortController();
  const signal = cancellation === undefined ? over.signal : AbortSignal.any([over.signal, cancellation]);
  const timeout = delay(withinMs, false, { signal });
  const ended = client
    .withAbortSignal(signal, () => client.workflow.getHandle(workflowId, runId).result())
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError) return true;
        log.debug('Temporal does not say when the lock of a creation ends', { workflowId, reason: String(error) });
        return timeout.catch(() => false);
      },
    );
  try {
    return await Promise.race([ended, timeout]);
  } finally {
    over.abort();
    await ended;
  }
}
