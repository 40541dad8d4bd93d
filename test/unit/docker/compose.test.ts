import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { unknownVariables } from '../../../src/configuration/unknown-variables';
import { airbyteVariables } from '../../../src/configuration/variables';
import { parseEncryptionKeys } from '../../../src/encryption/encryption-keys';
import { findSecretReferences } from '../../../src/text/secrets/secret-references';

const ROOT = join(__dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const service = z.looseObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: z.string() }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z
    .array(z.union([z.string(), z.strictObject({ source: z.string(), target: z.string() })]))
    .default([])
    .transform((secrets) =>
      secrets.map((secret) =>
        typeof secret === 'string' ? { source: secret, target: `/run/secrets/${secret}` } : secret,
      ),
    ),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
});
const compose = z
  .object({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
    secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
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

  it('holds no secret: each is a file that docker/make-secrets.sh makes, and that neither git nor an image contains', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    try {
      const make = () => execFileSync('sh', [join(ROOT, 'docker/make-secrets.sh'), folder]);
      make();
      const names = readdirSync(folder).sort();
      const contents = names.map((name) => readFileSync(join(folder, name), 'utf8'));
      expect(Object.keys(compose.secrets).sort()).toEqual(names);
      for (const name of names) expect(compose.secrets[name]?.file).toBe(`.secrets/${name}`);
      const keys = parseEncryptionKeys(contents[names.indexOf('airbyte-codec-keys')] ?? '');
      expect(keys.byId.size).toBe(1);
      const random = contents.filter((content, index) => content !== '' && names[index] !== 'airbyte-codec-keys');
      for (const content of random) expect(content).toMatch(/^[0-9a-f]{32}$/);
      expect(new Set(random).size).toBe(5);
      expect(statSync(folder).mode & 0o77).toBe(0);
      for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o444);
      make();
      expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(contents);
    } finally {
      rmSync(folder, { recursive: true });
    }
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|TOKEN|SECRET|PWD|KEYS/.test(name)) expect(value).toMatch(/^(?:\/run\/|\$\{\w+:-\}$)/);
      }
    }
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', '.secrets/']));
    for (const line of ['!.env', '!.secrets']) expect(read('.dockerignore').split('\n')).not.toContain(line);
  });

  it.each(services)('%s is given each secret and file that it names', (_, service) => {
    const text = JSON.stringify({ ...service, secrets: [] }) + scriptsOf(service).map(read).join('\n');
    const named = [...text.matchAll(/\/run\/(?:secrets|airbyte)\/[a-z-]+/g)].map(([path]) => path);
    expect(service.secrets.map(({ target }) => target)).toEqual(expect.arrayContaining(named));
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(service.secrets.map(({ source }) => source)));
    // Documents may name what is in /run/secrets, but no credential of the worker.
    for (const { source, target } of service.secrets) {
      expect(target.startsWith('/run/airbyte/')).toBe(source.startsWith('airbyte-'));
    }
    for (const volume of service.volumes) {
      const [source = ''] = volume.split(':');
      expect(source.startsWith('./') ? existsSync(join(ROOT, source)) : source in compose.volumes).toBe(true);
    }
    for (const script of scriptsOf(service)) expect(existsSync(join(ROOT, script))).toBe(true);
  });

  it('passes the variables of webhooks and others that the worker reads, and sets no others', () => {
    for (const [, { environment }] of ours) expect(unknownVariables(environment)).toEqual([]);
    const names = Object.keys(compose.services['worker']?.environment ?? {});
    for (const name of Object.keys(airbyteVariables.shape).filter((name) => name.startsWith('AIRBYTE_WEBHOOK_'))) {
      expect(names.some((each) => each === name || each === `${name}_FILE`)).toBe(true);
    }
  });

  it("has each line of .env.example that is a setting: a variable that it passes, and a file that is one of the worker's secrets", () => {
    const settings = [...read('.env.example').matchAll(/^# (AIRBYTE_\w+)=(.*)$/gm)];
    expect(settings.length).toBeGreaterThan(5);
    const { environment, secrets } = services.find(([name]) => name === 'worker')?.[1] ?? service.parse({ image: '' });
    for (const [, name = '', value = ''] of settings) {
      expect(environment[name]).toContain(`\${${name}:-`);
      if (name.endsWith('_FILE')) expect(secrets.map(({ target }) => target)).toContain(value);
    }
  });

  it.each(services)(
    '%s has no more rights than it needs, a limit of memory, and logs that are rotated',
    (_, service) => {
      expect(service).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        logging: { options: { 'max-size': '10m', 'max-file': '3' } },
      });
      if (service.image.startsWith('temporal-airbyte')) expect(service).toMatchObject({ read_only: true, init: true });
    },
  );

  it('makes `docker compose run --rm cli` start nothing else', () => {
    expect(compose.services['cli']?.depends_on).toEqual({});
  });

  it('is waited for by `up --wait`: each set-up that ends is one that another service waits for', () => {
    const waitedFor = services.flatMap(([, { depends_on }]) => Object.keys(depends_on));
    const endings = services.filter(([, service]) => service['restart'] === 'on-failure:5').map(([name]) => name);
    expect(endings.length).toBeGreaterThan(0);
    expect(waitedFor).toEqual(expect.arrayContaining(endings));
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
    const ofDocuments = compose.services['worker']?.secrets.filter(({ target }) => target.startsWith('/run/secrets/'));
    expect(ofDocuments?.map(({ source }) => source)).toEqual(references.map(({ name }) => name));
    expect(document).toMatchObject({
      source: { configuration: { host: 'shop', port: 5432, database: 'shop', username: 'airbyte' } },
      destination: { configuration: { s3_endpoint: 'http://lake:9000', s3_bucket_name: 'lake' } },
    });
    expect(compose.services['shop']?.environment).toMatchObject({ POSTGRES_DB: 'shop', POSTGRES_USER: 'airbyte' });
    expect(compose.services['lake']?.entrypoint?.at(-1)).toContain('mkdir -p /data/lake');
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

  it('needs nothing that the engines of 20.10 lack: their BuildKit knows no start interval, and pulls no frontend', () => {
    expect(dockerfile).not.toContain('--start-interval');
    expect(dockerfile).not.toMatch(/^#\s*syntax=/m);
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
  it.each(['temporal-schema.sh', 'temporal-namespace.sh', 'make-secrets.sh'])(
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
