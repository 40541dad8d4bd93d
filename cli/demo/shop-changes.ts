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
  if (!response.ok) throw new Error(`The sandbox did not change its shop: ${await response.text()}`);
  return changesSchema.parse(await response.json());
}
