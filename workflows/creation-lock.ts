import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Frees the lock. */
const releaseSignal = defineSignal('release');

/**
 * Keeps its workflow id until it is released, and nothing else: while it runs, no other run creates what the id stands for.
 * Activities start and release it. The time-out of the run frees the lock of an activity that has died.
 */
export async function creationLock(): Promise<void> {
  let isReleased = false;
  setHandler(releaseSignal, () => {
    isReleased = true;
  });
  await condition(() => isReleased);
}
