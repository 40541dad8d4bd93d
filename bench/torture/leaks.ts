import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils';
import { inParallel } from '../in-parallel';

const CONCURRENT_READS = 8;
/** Longer texts are the more likely to be chance, the shorter their part. */
const LOG = /\.log$/;
/** The sandbox is the side that owns the secret. */
const SANDBOX_LOG = 'sandbox.log';

/**
 * Finds secrets in histories and logs.
 *
 * @param histories by the ids of their workflows
 * @param folder where the logs are
 * @returns the ids of the workflows and the names of the files that contain one
 */
export async function findLeaks(
  histories: ReadonlyMap<string, History>,
  folder: string,
  secret: string,
): Promise<string[]> {
  const forms = [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ];
  const has = (text: string) => forms.some((form) => text.includes(form));
  const leaking = [...histories].filter(([, history]) => has(textOf(history)));
  const logs = (await readdir(folder)).filter((name) => LOG.test(name) && name !== SANDBOX_LOG);
  const lines = await inParallel(logs, CONCURRENT_READS, async (name) => {
    const found = (await readFile(join(folder, name), 'utf8')).split('\n').filter(has);
    return found.map(() => `a line of ${name}`);
  });
  return [...leaking.map(([workflowId]) => `the history of ${workflowId}`), ...lines.flat()];
}

/** All texts within a value, those of its bytes among them. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textOf).join('\n');
}
