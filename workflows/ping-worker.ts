/**
 * Ends immediately. A starting worker runs it to find out whether another worker of its task queue is alive: Temporal lists
 * a worker as a poller for minutes after it has gone.
 */
export async function pingWorker(): Promise<void> {}
