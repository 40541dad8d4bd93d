import { ApplicationFailure, type WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Adds the type of a workflow's failure to the log entry of the SDK which says that the workflow has failed. The failure itself
 * loses its type on the way to the worker's log: the sandbox of workflows hands errors over as copies of plain errors.
 *
 * It adds no command and no yield, so each history replays with and without it.
 */
export function interceptors(): WorkflowInterceptors {
  let failureType: string | undefined;
  return {
    inbound: [
      {
        execute(input, next) {
          const result = next(input);
          // Registered before the handler that logs the failure.
          result.catch((error: unknown) => {
            if (error instanceof ApplicationFailure) failureType = error.type ?? undefined;
          });
          return result;
        },
      },
    ],
    outbound: [
      {
        getLogAttributes: (attributes, next) =>
          next(failureType === undefined ? attributes : { ...attributes, failureType }),
      },
    ],
  };
}
