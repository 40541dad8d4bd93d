import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Releases the lock. */
const releaseSignal = defineSignal('release');

/**
 * Holds its workflow id until it is released: while it runs, no other run creates the object that the id is derived from.
 * Activities start and release it. The timeout of the run releases the lock of an activity whose worker has died.
 */
export async function creationLock(): Promise<void> {
  let isReleased = false;
  setHandler(releaseSignal, () => {
    isReleased = true;
  });
  await condition(() => isReleased);
}
