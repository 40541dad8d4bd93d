/**
 * Ends at once. A worker that starts has it carried out by another one, to learn whether that one is still there: Temporal
 * shows a worker as one that polls for minutes after it has gone.
 */
export async function pingWorker(): Promise<void> {}
