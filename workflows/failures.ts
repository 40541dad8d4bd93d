import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { FailureType } from '../src/contract/failure-types';
import { rootCauseOf } from '../src/contract/root-cause';
import type { RunFailure } from '../src/contract/run-failure';
import type { NothingStarted } from '../src/contract/trigger';
import { describeZodError } from '../src/contract/validation/schema-problems';
import { messageOf } from '../src/text/error-message';
import { shorten } from '../src/text/shorten';

/** Several of an activity's messages, put together; a failure that is larger than Temporal takes would not arrive at all. */
const MESSAGE_LIMIT = 40_000;

/** Ends the workflow: its `type` is what callers match on, its message is for the person who reads it. */
export function failure(type: FailureType, message: string, details?: unknown): ApplicationFailure {
  return withoutStack(message, type, details === undefined ? [] : [details]);
}

/**
 * Without a stack: it would only lead to the lines that tell of the failure, not to those that it came from, and in the UI it
 * stands between the message and the type.
 */
function withoutStack(message: string, type: string | null | undefined, details: unknown[]): ApplicationFailure {
  const end = ApplicationFailure.nonRetryable(shorten(message, MESSAGE_LIMIT), type, ...details);
  end.stack = '';
  return end;
}

/**
 * The failure that the workflow ends with: the reason itself, not the chain of activities and children around it, which
 * Temporal keeps in the history anyway. A cancellation passes as it is.
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

/** What the progress of a run says that has ended otherwise than wanted. */
export function describeFailure(end: unknown): { phase: 'cancelled' | 'failed'; failure: RunFailure } {
  const message = messageOf(end);
  if (isCancellation(end)) return { phase: 'cancelled', failure: { type: 'Cancelled', message } };
  const type = end instanceof ApplicationFailure ? end.type : undefined;
  return { phase: 'failed', failure: { type: type ?? 'Error', message } };
}

/** The same with its message put into context, so that it can be understood alone. A cancellation passes as it is. */
export function withContext(context: string, error: unknown): unknown {
  const reason = toWorkflowFailure(error);
  if (!(reason instanceof ApplicationFailure)) return reason;
  return withoutStack(`${context}: ${reason.message}`, reason.type, reason.details ?? []);
}

/**
 * Several reasons as one failure: its type is that of the first, and what all of them say is said once. A cancellation
 * passes as it is.
 */
export function mergeFailures(reasons: readonly unknown[]): unknown {
  const ends = reasons.map(toWorkflowFailure);
  const first = ends.find(isCancellation) ?? ends[0];
  if (!(first instanceof ApplicationFailure)) return first;
  const messages = new Set(ends.map(messageOf));
  return withoutStack([...messages].join('\n'), first.type, first.details ?? []);
}

/** Whether an activity failed in a way that no other attempt mends. */
export function isNonRetryable(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason instanceof ApplicationFailure && reason.nonRetryable === true;
}

/** Whether an activity ended because its time was over. */
export function isTimeout(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.cause instanceof TimeoutFailure || error.retryState === 'TIMEOUT');
}

/**
 * Whether a trigger that failed is known to have started nothing, in any attempt: it says so itself, or was never
 * scheduled. Only the end of its last attempt is taken at its word, not one before an attempt of which nobody has heard.
 */
export function hasStartedNothing(error: unknown): boolean {
  if (error instanceof CancelledFailure) return true;
  const end = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(end instanceof ApplicationFailure || end instanceof CancelledFailure)) return false;
  return (end.details ?? []).some((detail) => (detail as Partial<NothingStarted> | null)?.nothingStarted === true);
}

/** Whether an activity was cut off while nobody knows how far it had come. */
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
 * Checks what a workflow was started with, before anything else happens.
 *
 * @param others the arguments behind the input: there must be none, since options in them would not be heeded
 * @throws ApplicationFailure of type `InvalidInput` that names each field
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
