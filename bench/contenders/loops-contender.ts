import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutOwnVariables } from '../../cli/demo/demo-processes';
import { SupervisedProcess } from '../../tools/supervised-process';
import { usageDuring } from '../process-usage';
import type { LoopOrders, LoopResult } from './client-loops';
import type { ContenderRun, SyncsToRun } from './contender';
import { DONE, READY } from './ready';

/** Loops without Temporal, all in one process. */
export async function runLoops(syncs: SyncsToRun): Promise<ContenderRun> {
  const [ordersFile, resultsFile] = [join(syncs.folder, 'orders.json'), join(syncs.folder, 'results.json')];
  const { airbyteUrl: url, connectionIds, pollIntervalMs } = syncs;
  const orders: LoopOrders = { url, connectionIds: [...connectionIds], pollIntervalMs };
  await writeFile(ordersFile, JSON.stringify(orders));
  const loops = new SupervisedProcess({
    name: 'The process of the loops',
    file: process.execPath,
    args: [join(__dirname, 'client-loops.js'), ordersFile, resultsFile],
    env: withoutOwnVariables(process.env),
    logFile: join(syncs.folder, 'loops.log'),
  });
  try {
    await loops.waitForLine((line) => line.startsWith(READY));
    const startedAtMs = Date.now();
    const { result: ended, usage } = await usageDuring(loops, async () => {
      await loops.waitForLine((line) => line === DONE);
      return JSON.parse(await readFile(resultsFile, 'utf8')) as LoopResult[];
    });
    return { startedAtMs, ended, usage };
  } finally {
    await loops.stop();
  }
}
