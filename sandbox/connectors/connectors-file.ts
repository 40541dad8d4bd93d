import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createChildProcessSource } from './child-process-source';
import { reasonOf } from './error-reason';
import { airbyteConnectorName, type ConnectorDefinition } from './registry';

const command = z.tuple([z.string().min(1)], z.string());

const connector = z.strictObject({
  command,
  env: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
  definitionId: z.guid().toLowerCase().optional(),
  image: z.string().regex(/^\S+$/, { error: 'must be an image, such as airbyte/source-faker:7.2.1' }).optional(),
  publicName: z.string().min(1).optional(),
});

type Connector = z.output<typeof connector>;

const entry = z.union([
  z
    .string()
    .min(1)
    .transform((line): Connector => ({ command: command.parse(line.trim().split(/\s+/)) })),
  command.transform((parts): Connector => ({ command: parts })),
  connector,
]);

const connectorsFile = z.record(z.string().min(1), entry);

/**
 * Reads a connectors file: YAML or JSON that maps the name of a source definition to the command of a real Airbyte
 * source, for example `Faker: [docker, run, --rm, -i, airbyte/source-faker]` or `Faker: { command: […], env: {…}, cwd:
 * … }`. A relative `cwd` is resolved against the file's folder.
 *
 * An entry may set how both APIs show the connector: `definitionId`, `image` (`repository:tag`) and `publicName`, which
 * is the public API's `sourceType`. Their defaults are derived from Airbyte's image in the command or else from the
 * entry's name, so that they are the same in every sandbox: `Faker` has `sandbox/source-faker:local` and `faker`.
 *
 * @param known - the definitions that already exist
 * @throws Error that names the file and the problem, such as an id or a public name that another definition has
 */
export async function readConnectorsFile(
  file: string,
  known: readonly ConnectorDefinition[],
): Promise<ConnectorDefinition[]> {
  const parsed = connectorsFile.safeParse(await readYaml(file));
  if (!parsed.success) throw new Error(`${file} is not a valid connectors file: ${z.prettifyError(parsed.error)}`);
  const definitions: ConnectorDefinition[] = [];
  for (const [name, entry] of Object.entries(parsed.data)) {
    const definition = toDefinition(name, entry, path.dirname(file));
    const others = [...known, ...definitions].filter(({ kind }) => kind === 'source');
    const sameId = others.find(({ definitionId }) => definitionId === definition.definitionId);
    if (sameId) throw new Error(`${file}: ${name} has the same definitionId as ${sameId.name}; choose another one`);
    const sameName = others.find((other) => publicNameOf(other) === definition.publicName);
    if (sameName && entry.publicName !== undefined) {
      throw new Error(`${file}: ${name} has the same publicName as ${sameName.name}; choose another one`);
    }
    // A caller that looks up a type by this name gets the first definition.
    if (sameName) definition.publicName = '';
    definitions.push(definition);
  }
  return definitions;
}

function toDefinition(name: string, { command, env, cwd, ...entry }: Connector, folder: string): ConnectorDefinition {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const ofCommand = command.find((part) => airbyteConnectorName(part) !== undefined);
  const image = entry.image ?? ofCommand ?? `sandbox/source-${slug}:local`;
  const [, dockerRepository = '', dockerImageTag = 'latest'] = /^(.+?)(?::([^:/]+))?$/.exec(image) ?? [];
  return {
    kind: 'source',
    definitionId: entry.definitionId ?? idOf(name),
    name,
    dockerRepository,
    dockerImageTag,
    publicName: entry.publicName ?? airbyteConnectorName(dockerRepository) ?? slug,
    connector: createChildProcessSource({
      command,
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd: path.resolve(folder, cwd) }),
    }),
  };
}

function publicNameOf({ publicName, dockerRepository }: ConnectorDefinition): string | undefined {
  return (publicName ?? airbyteConnectorName(dockerRepository)) || undefined;
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`The connectors file ${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** Derives the id from the name, so that it is the same in every sandbox. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`source definition ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
