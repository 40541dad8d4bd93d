import { z } from 'zod';

const readySchema = z.looseObject({
  url: z.string(),
  /** Base URL of the calls that inject faults, and the token that they require. */
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

/** The addresses of a sandbox that has started, and its shop database if it has one. */
export type SandboxReady = z.infer<typeof readySchema>;

/** Reads the line of JSON that the sandbox prints once it is ready; undefined for any other line. */
export function parseSandboxReady(line: string): SandboxReady | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return readySchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A log line that starts with a brace.
    return undefined;
  }
}
