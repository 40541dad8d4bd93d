import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxReady } from './sandbox-ready';

const changesSchema = z.object({ customers: z.number(), orders: z.number() });

/**
 * Changes and adds some rows of the sandbox's shop, as its customers would.
 *
 * @returns how many rows of each table
 */
export async function changeShop({
  controlUrl,
  controlToken,
}: Pick<SandboxReady, 'controlUrl' | 'controlToken'>): Promise<z.infer<typeof changesSchema>> {
  const response = await fetch(`${controlUrl}/shop/changes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${controlToken}` },
  });
  if (!response.ok) throw new Error(`The sandbox does not change its shop: ${await response.text()}`);
  return changesSchema.parse(await response.json());
}

/** The files of a folder and its folders, with their sizes, in the order of their paths. */
export async function filesUnder(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.sort().map(async (path) => ({ path, bytes: (await stat(path)).size })));
}
