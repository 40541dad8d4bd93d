import { z } from 'zod';

const readySchema = z.looseObject({
  url: z.string(),
  /** Base of the calls that make things go wrong, and what they ask for. */
  controlUrl: z.string(),
  controlToken: z.string(),
  dataDir: z.string(),
  shop: z
    .looseObject({
      host: z.string(),
      port: z.number(),
      database: z.string(),
      username: z.string(),
      password: z.string(),
    })
    .optional(),
});

/** Where a sandbox that has started is, and its shop database if it has one. */
export type SandboxReady = z.infer<typeof readySchema>;

/** Reads the line of JSON that the sandbox prints once it is ready; undefined for any other line. */
export function parseSandboxReady(line: string): SandboxReady | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return readySchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A log line that begins with a brace.
    return undefined;
  }
}
