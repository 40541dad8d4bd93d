import { patched } from '@temporalio/workflow';
import { mergeFailures } from './failures';

type Results<Steps extends readonly Promise<unknown>[]> = { -readonly [Step in keyof Steps]: Awaited<Steps[Step]> };

/**
 * Waits for steps that run in parallel until all have ended, also when one of them fails: nothing that a step changes in
 * Airbyte is still under way when the workflow ends.
 *
 * @param patch the id of the version from which these steps are waited for; runs that began before end with the first
 *   failure. Left out where they have always been waited for
 * @throws the reason of each step that failed, in one failure of the type of the first; a cancellation as it is
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
