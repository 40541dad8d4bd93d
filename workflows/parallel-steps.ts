import { patched } from '@temporalio/workflow';
import { mergeFailures } from './failures';

type Results<Steps extends readonly Promise<unknown>[]> = { -readonly [Step in keyof Steps]: Awaited<Steps[Step]> };

/**
 * Waits until all of the concurrent steps have ended, also when one of them fails, so that no step is still changing
 * something in Airbyte when the workflow ends.
 *
 * @param patch the id of the patch that introduced the wait for these steps; runs from before it end with the first
 *   failure. Left out where the workflow has always waited for them
 * @throws the failures of all steps that failed, merged into one of the type of the first; a cancellation as it is
 */
export async function waitForAllSteps<const Steps extends readonly Promise<unknown>[]>(
  steps: Steps,
  patch?: string,
): Promise<Results<Steps>> {
  const reasons: unknown[] = [];
  const ended = steps.map((step) =>
    step.catch((reason: unknown) => {
      if (reasons.push(reason) === 1 && patch !== undefined && !patched(patch)) throw reason;
    }),
  );
  const results = await Promise.all(ended);
  if (reasons.length > 0) throw mergeFailures(reasons);
  return results as Results<Steps>;
}
