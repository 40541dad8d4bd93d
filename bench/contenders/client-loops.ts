/**
 * Loops without Temporal, as a process: one per connection, each starting a job and polling it until it has ended.
 * Nothing survives the process. Reads its orders from the file in its first argument, and writes to the one in its
 * second what came of them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PlainAirbyte } from './plain-airbyte';
import { DONE, READY } from './ready';

export interface LoopOrders {
  /** Base of the Config API. */
  url: string;
  connectionIds: string[];
  pollIntervalMs: number;
}

export interface LoopResult {
  connectionId: string;
  /** When the loop returned: milliseconds since 1970. */
  endedAtMs: number;
  succeeded: boolean;
}

async function main(ordersFile: string, resultsFile: string): Promise<void> {
  const { url, connectionIds, pollIntervalMs }: LoopOrders = JSON.parse(await readFile(ordersFile, 'utf8'));
  const airbyte = new PlainAirbyte(url);
  process.stdout.write(`${READY} the loops begin\n`);
  const loops = connectionIds.map(async (connectionId): Promise<LoopResult> => {
    const succeeded = await sync(airbyte, connectionId, pollIntervalMs).catch((error: unknown) => {
      process.stderr.write(`${connectionId}: ${error}\n`);
      return false;
    });
    return { connectionId, endedAtMs: Date.now(), succeeded };
  });
  await writeFile(resultsFile, JSON.stringify(await Promise.all(loops)));
  await airbyte.close();
  process.stdout.write(`${DONE}\n`);
  // Stays until its supervisor ends it, so that what it has used can be read.
  setInterval(() => undefined, 60_000);
}

async function sync(airbyte: PlainAirbyte, connectionId: string, pollIntervalMs: number): Promise<boolean> {
  const jobId = await airbyte.startSync(connectionId);
  for (;;) {
    await delay(pollIntervalMs);
    const status = await airbyte.jobStatus(jobId);
    if (status === 'succeeded') return true;
    if (status === 'failed' || status === 'cancelled') return false;
  }
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
