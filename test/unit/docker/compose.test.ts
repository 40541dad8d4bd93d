import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { findSecretReferences } from '../../../src/text/secrets/secret-references';

const ROOT = join(__dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const service = z.looseObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: z.string() }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
});
const compose = z
  .strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
    secrets: z.record(z.string(), z.strictObject({ environment: z.string() })),
  })
  .parse(parse(read('docker-compose.yml'), { merge: true }));

const dockerfile = read('Dockerfile');
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith('temporal-airbyte'));
/** `FROM image AS name` of each stage, and what it is made of. */
const stages = new Map([...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => [name, from]));

describe('docker-compose.yml', () => {
  it.each(services)('%s has an image of one version', (_, { image }) => {
    expect(image).toMatch(/^[\w./-]+:(?:v?\d+\.\d+(?:\.\d+)?|RELEASE\.[\dTZ-]+)$/);
  });

  it('runs the version of this package', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(ours.map(([, { image }]) => image.split(':')[1])).toEqual([version, version, version]);
  });

  it('publishes ports on this machine alone, each once', () => {
    const ports = services.flatMap(([, service]) => service.ports);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it.each(services)('%s waits for services that can become what it waits for', (_, { depends_on }) => {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const other = compose.services[name];
      const target = other?.build?.target;
      const becomes =
        condition === 'service_healthy'
          ? other?.healthcheck !== undefined || (target !== undefined && stageOf(target).includes('HEALTHCHECK'))
          : condition === 'service_completed_successfully' && other?.['restart'] === 'on-failure:5';
      expect({ name, becomes }).toEqual({ name, becomes: true });
    }
  });

  it('holds no secret: each is a file whose value comes from .env', () => {
    const examples = read('.env.example');
    for (const { environment } of Object.values(compose.secrets)) {
      expect(environment).toMatch(/^SECRET_/);
      expect(examples).toMatch(new RegExp(`^${environment}=change-me`, 'm'));
    }
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|TOKEN|SECRET|PWD/.test(name)) expect(value).toMatch(/^(?:\/run\/secrets\/|\$\{\w+:-\}$)/);
      }
    }
    expect(read('.gitignore').split('\n')).toContain('.env');
    expect(read('.dockerignore').split('\n')).not.toContain('!.env');
  });

  it.each(services)('%s is given each secret and file that it names', (_, service) => {
    const text = JSON.stringify(service) + scriptsOf(service).map(read).join('\n');
    const named = [...text.matchAll(/\/run\/secrets\/([a-z-]+)/g)].map(([, name]) => name);
    expect(service.secrets).toEqual(expect.arrayContaining(named));
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(service.secrets));
    for (const volume of service.volumes) {
      const [source = ''] = volume.split(':');
      expect(source.startsWith('./') ? existsSync(join(ROOT, source)) : source in compose.volumes).toBe(true);
    }
    for (const script of scriptsOf(service)) expect(existsSync(join(ROOT, script))).toBe(true);
  });

  it('sets variables that the worker reads, and no others', () => {
    const sources = ['src/configuration/client-options.ts', 'src/configuration/worker-settings.ts']
      .map(read)
      .join('\n');
    for (const [, { environment }] of ours) {
      for (const name of Object.keys(environment).filter((name) => name.startsWith('AIRBYTE_'))) {
        expect(sources).toContain(`'${name}'`);
      }
    }
  });

  it('gives its commands to a command line that has them', () => {
    const commands = ours.map(([, { command = [] }]) => command);
    // The sandbox's image has a command line of its own, which takes options only.
    const named = commands.filter(([first = '']) => !first.startsWith('--'));
    expect(named.length).toBe(ours.length - 1);
    for (const [name = ''] of named) expect(existsSync(join(ROOT, `cli/commands/${name}.ts`))).toBe(true);
    for (const argument of commands.flat().filter((argument) => argument.endsWith('.yaml'))) {
      expect(existsSync(join(ROOT, argument))).toBe(true);
    }
    const flags = commands.flat().filter((argument) => argument.startsWith('--'));
    for (const flag of flags) expect(read('sandbox/main.ts')).toContain(`'${flag} <`);
  });

  it('gives the worker the secrets of the pipeline that it runs, and names the services that the pipeline names', () => {
    const document: unknown = parse(read('examples/postgres-to-minio.yaml'));
    const references = findSecretReferences(document);
    expect(references.map(({ kind }) => kind)).toEqual(['file', 'file', 'file']);
    expect(compose.services['worker']?.secrets).toEqual(references.map(({ name }) => name));
    expect(document).toMatchObject({
      source: { configuration: { host: 'shop', port: 5432, database: 'shop', username: 'airbyte' } },
      destination: { configuration: { s3_endpoint: 'http://lake:9000', s3_bucket_name: 'lake' } },
    });
    expect(compose.services['shop']?.environment).toMatchObject({ POSTGRES_DB: 'shop', POSTGRES_USER: 'airbyte' });
    expect(read('docker/lake-bucket.sh')).toContain('mc mb --ignore-existing lake/lake');
  });
});

describe('the Dockerfile', () => {
  it('begins with an image of one version, and ends with the worker', () => {
    expect(stages.get('node')).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
    for (const from of [...stages.values()].filter((from) => !from?.startsWith('node:'))) {
      expect(stages.has(from)).toBe(true);
    }
    expect([...stages.keys()].at(-1)).toBe('worker');
    for (const [, { build }] of ours) if (build) expect(stages.has(build.target)).toBe(true);
  });

  it('runs as a user without rights', () => {
    expect(stageOf('runtime')).toMatch(/^USER node$/m);
    for (const target of ['worker', 'sandbox']) {
      expect(stages.get(target)).toBe('runtime');
      expect(stageOf(target)).not.toContain('USER');
    }
  });

  it('leaves the packages of the sandbox out of the worker', () => {
    expect(stageOf('worker-packages')).toContain(
      'npm ci --omit=dev --omit=optional --ignore-scripts --workspaces=false',
    );
    expect(stageOf('worker-packages')).not.toContain('sandbox');
    expect(stageOf('worker')).not.toContain('sandbox');
  });

  it('makes the C library of the worker return memory, by the variables that docs/limits.md names', () => {
    const [variables = ''] = /MALLOC_ARENA_MAX=.+$/m.exec(stageOf('worker')) ?? [];
    expect(variables.split(' ')).toHaveLength(3);
    expect(read('docs/limits.md')).toContain(`export ${variables}`);
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    const ignored = read('.dockerignore').split('\n');
    expect(copied.length).toBeGreaterThan(5);
    for (const file of copied) {
      expect(existsSync(join(ROOT, file))).toBe(true);
      expect(ignored).toContain(`!${file.split('/')[0]}`);
    }
  });
});

describe('the files that the containers run', () => {
  it.each(['temporal-schema.sh', 'temporal-namespace.sh', 'lake-bucket.sh'])(
    '%s is a script that sh can read',
    (file) => {
      expect(() => execFileSync('sh', ['-n', join(ROOT, 'docker', file)])).not.toThrow();
    },
  );
});

/** The text of one stage of the Dockerfile. */
function stageOf(name: string): string {
  return dockerfile.split(/^(?=FROM )/m).find((stage) => stage.split('\n')[0]?.endsWith(` AS ${name}`)) ?? '';
}

/** The files of ours that a service runs or reads, relative to the root. */
function scriptsOf({ entrypoint = [], environment }: z.infer<typeof service>): string[] {
  return [...entrypoint, ...Object.values(environment)]
    .filter((value) => value.startsWith('/scripts/'))
    .map((value) => value.replace('/scripts/', 'docker/'));
}
