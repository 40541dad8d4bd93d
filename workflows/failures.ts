import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { RemovedSchedule } from '../src/contract/connection';
import type { FailureType } from '../src/contract/failure-types';
import { rootCauseOf } from '../src/contract/root-cause';
import type { RunFailure } from '../src/contract/run-failure';
import type { NothingStarted } from '../src/contract/trigger';
import { describeZodError } from '../src/contract/validation/schema-problems';
import { messageOf } from '../src/text/error-message';
import { shorten } from '../src/text/shorten';

/** Room for several of an activity's messages. A failure that is larger than Temporal accepts would be lost. */
const MESSAGE_LIMIT = 40_000;

/** A failure that ends the workflow: callers match on its `type`, users read its message. */
export function failure(type: FailureType, message: string, details?: unknown): ApplicationFailure {
  return withoutStack(message, type, details === undefined ? [] : [details]);
}

/**
 * Creates a failure without a stack. The stack would show where the failure was created, not what caused it, and the UI
 * prints it between the message and the type.
 */
function withoutStack(message: string, type: string | null | undefined, details: unknown[]): ApplicationFailure {
  const created = ApplicationFailure.nonRetryable(shorten(message, MESSAGE_LIMIT), type, ...details);
  created.stack = '';
  return created;
}

/**
 * Turns an error into the failure that the workflow ends with: its root cause, without the chain of activities and children
 * around it, which the history has anyway. It returns a cancellation as it is.
 */
export function toWorkflowFailure(error: unknown): unknown {
  if (isCancellation(error)) return error;
  const reason = reasonOf(error);
  if (reason instanceof ApplicationFailure) {
    return withoutStack(reason.message, reason.type, reason.details ?? []);
  }
  if (reason instanceof TimeoutFailure) {
    return failure('AirbyteUnavailable', 'Airbyte, or every worker that talks to it, was out of reach for too long.');
  }
  return error;
}

/** What the progress of a run reports once it has failed or was cancelled. */
export function describeFailure(end: unknown): { phase: 'cancelled' | 'failed'; failure: RunFailure } {
  const message = messageOf(end);
  if (isCancellation(end)) return { phase: 'cancelled', failure: { type: 'Cancelled', message } };
  const type = end instanceof ApplicationFailure ? end.type : undefined;
  return { phase: 'failed', failure: { type: type ?? 'Error', message } };
}

/** Puts the message of an error into context, so that it can be understood alone. It returns a cancellation as it is. */
export function withContext(context: string, error: unknown): unknown {
  const reason = toWorkflowFailure(error);
  if (!(reason instanceof ApplicationFailure)) return reason;
  return withoutStack(`${context}: ${reason.message}`, reason.type, reason.details ?? []);
}

/**
 * Merges several failures into one. Its type is that of the first, and its message repeats no message that several of them
 * share. Where one of them is a cancellation, it returns that.
 */
export function mergeFailures(reasons: readonly unknown[]): unknown {
  const ends = reasons.map(toWorkflowFailure);
  const first = ends.find(isCancellation) ?? ends[0];
  if (!(first instanceof ApplicationFailure)) return first;
  const messages = new Set(ends.map(messageOf));
  return withoutStack([...messages].join('\n'), first.type, first.details ?? []);
}

/** Whether an activity failed with a non-retryable failure. */
export function isNonRetryable(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason instanceof ApplicationFailure && reason.nonRetryable === true;
}

/** Whether an activity timed out. */
export function isTimeout(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.cause instanceof TimeoutFailure || error.retryState === 'TIMEOUT');
}

/**
 * Whether a trigger that failed is known to have started no job in any attempt: its failure says so, or it was never
 * scheduled. Only the failure of its last attempt counts, since a later attempt without an end may have started a job.
 */
export function hasStartedNothing(error: unknown): boolean {
  if (error instanceof CancelledFailure) return true;
  const end = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(end instanceof ApplicationFailure || end instanceof CancelledFailure)) return false;
  return (end.details ?? []).some((detail) => (detail as Partial<NothingStarted> | null)?.nothingStarted === true);
}

/** Whether an activity that changes something may have done so: it timed out, or its last request had no response of Airbyte. */
export function mayHaveHadEffect(error: unknown): boolean {
  return isTimeout(error) || hasType(error, 'AirbyteUnavailable');
}

/** The id of the Temporal schedule that an activity had deleted before it failed. */
export function removedScheduleOf(error: unknown): string | undefined {
  const reason = reasonOf(error);
  const details = reason instanceof ApplicationFailure ? (reason.details ?? []) : [];
  return details.map((detail) => (detail as RemovedSchedule | null)?.removedSchedule).find((id) => id !== undefined);
}

/** Whether an activity timed out, so that it is unknown what it has done. */
export function hasUnknownEffect(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** Whether an activity or child workflow failed with this type. */
export function hasType(error: unknown, type: FailureType): boolean {
  const reason = reasonOf(error);
  return reason instanceof ApplicationFailure && reason.type === type;
}

function reasonOf(error: unknown): unknown {
  return rootCauseOf(error, TimeoutFailure);
}

/**
 * Validates the arguments of a workflow, before it does anything else.
 *
 * @param others the arguments behind the input: any is refused, since options in it would have no effect
 * @throws ApplicationFailure of type `InvalidInput` that names each invalid field
 */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, others: readonly unknown[]): z.output<T> {
  if (others.some((other) => other !== undefined && other !== null)) {
    const { workflowType } = workflowInfo();
    const found = `but was started with ${others.length + 1} arguments`;
    throw failure('InvalidInput', `${workflowType} takes one object, with every option as a field of it, ${found}.`);
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw failure('InvalidInput', describeZodError(result.error));
}
