/** Unwraps Temporal's nested failures. */
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * The failure that an error comes from: Temporal wraps it into one more failure for each activity and each child workflow
 * that it passes through.
 *
 * @param alsoWrapping further classes of errors that only wrap the one that matters
 */
export function rootCauseOf(error: unknown, ...alsoWrapping: readonly ErrorClass[]): unknown {
  const wrapping: readonly ErrorClass[] = [ActivityFailure, ChildWorkflowFailure, ...alsoWrapping];
  let root = error;
  while (root instanceof Error && root.cause !== undefined && wrapping.some((type) => root instanceof type)) {
    root = root.cause;
  }
  return root;
}
