import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createChildProcessSource } from './connectors/child-process-source';
import type { Definition } from './definitions';

const command = z.tuple([z.string().min(1)], z.string());

const entry = z.union([
  z
    .string()
    .min(1)
    .transform((line) => ({ command: command.parse(line.trim().split(/\s+/)) })),
  command.transform((parts) => ({ command: parts })),
  z.strictObject({ command, env: z.record(z.string(), z.string()).optional(), cwd: z.string().optional() }),
]);

const connectorsFile = z.record(z.string().min(1), entry);

/**
 * Reads a connectors file: YAML or JSON that maps the name of a source definition to the command of a real Airbyte
 * source, such as `Faker: [docker, run, --rm, -i, airbyte/source-faker]` or `Faker: { command: […], env: {…}, cwd: … }`.
 * A relative `cwd` counts from the file's folder.
 *
 * @throws Error that names the file and what is wrong with it
 */
export async function readConnectorsFile(file: string): Promise<Definition[]> {
  const parsed = connectorsFile.safeParse(await readYaml(file));
  if (!parsed.success) throw new Error(`${file} is no connectors file: ${z.prettifyError(parsed.error)}`);
  return Object.entries(parsed.data).map(([name, { command, ...rest }]) => {
    const { env, cwd } = rest as { env?: Record<string, string>; cwd?: string };
    return {
      kind: 'source',
      definitionId: idOf(name),
      name,
      dockerRepository: command[0],
      dockerImageTag: 'local',
      connector: createChildProcessSource({
        command,
        ...(env === undefined ? {} : { env }),
        ...(cwd === undefined ? {} : { cwd: path.resolve(path.dirname(file), cwd) }),
      }),
    };
  });
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`The connectors file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** The same name has the same id in every sandbox. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`source definition ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
