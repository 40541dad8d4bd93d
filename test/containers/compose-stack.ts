/** docker-compose.yml, started as a user starts it, under a project name of its own. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { Program } from '../support/child-program';
import { until } from '../support/until';

const run = promisify(execFile);

const ROOT = join(__dirname, '../..');
const PROJECT = 'temporal-airbyte-test';
const STAND_IN_LABEL = 'temporal-airbyte.stand-in';
/** More than the output of any command here. */
const MAXIMUM_OUTPUT_BYTES = 64 * 1024 * 1024;

const services = z
  .object({ services: z.record(z.string(), z.looseObject({ image: z.string() })) })
  .parse(parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true })).services;

/** The images of others that Dockerfile and docker-compose.yml name. */
export function namedImages(): string[] {
  const base = [...readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^FROM (\S+:\S+) AS/gm)].map(
    ([, image = '']) => image,
  );
  const others = Object.values(services).map(({ image }) => image);
  return [...new Set([...base, ...others.filter((image) => !image.startsWith('temporal-airbyte'))])].sort();
}

/** What the images are made of that could not be pulled, by name. */
export function standIns(): Record<string, string> {
  const label = (image: string) =>
    docker(['image', 'inspect', '--format', `{{index .Config.Labels "${STAND_IN_LABEL}"}}`, image]);
  return Object.fromEntries(
    namedImages()
      .map((image) => [image, label(image)])
      .filter(([, text]) => text),
  );
}

export function imageBytes(image: string): number {
  return Number(docker(['image', 'inspect', '--format', '{{.Size}}', image]));
}

function docker(args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const container = z.looseObject({
  Id: z.string(),
  Config: z.looseObject({ User: z.string(), Image: z.string() }),
  HostConfig: z.looseObject({
    ReadonlyRootfs: z.boolean(),
    CapDrop: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Memory: z.number(),
    LogConfig: z.object({ Type: z.string(), Config: z.record(z.string(), z.string()) }),
  }),
  NetworkSettings: z.looseObject({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
  }),
  RestartCount: z.number(),
  State: z.looseObject({
    Running: z.boolean(),
    OOMKilled: z.boolean(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z.looseObject({ Status: z.string() }).optional(),
  }),
});
export type Container = z.output<typeof container>;

export class ComposeStack {
  readonly #folder = mkdtempSync(join(tmpdir(), 'compose-stack-'));
  readonly #secrets: Record<string, string>;

  /** @param env the content of `.env` */
  constructor(env: Record<string, string>) {
    execFileSync('sh', [join(ROOT, 'docker/make-secrets.sh')]);
    const files = z
      .object({ secrets: z.record(z.string(), z.object({ file: z.string() })) })
      .parse(parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'))).secrets;
    this.#secrets = Object.fromEntries(
      Object.entries(files).map(([name, { file }]) => [name, readFileSync(join(ROOT, file), 'utf8')]),
    );
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    writeFileSync(this.#envFile, lines.join('\n'));
  }

  get #envFile(): string {
    return join(this.#folder, 'env');
  }

  secret(name: string): string {
    return this.#secrets[name] ?? '';
  }

  secretFile(name: string): string {
    return join(ROOT, '.secrets', name);
  }

  /** The values of all secrets that have one. */
  get secretValues(): string[] {
    return Object.values(this.#secrets).filter((value) => value !== '');
  }

  /** Runs `docker compose …`. @returns what it has printed on stdout */
  async compose(...args: string[]): Promise<string> {
    const { stdout } = await run('docker', this.#arguments(args), { cwd: ROOT, maxBuffer: MAXIMUM_OUTPUT_BYTES });
    return stdout;
  }

  /** Starts `docker compose run --rm cli …`. */
  startCli(...args: string[]): Program {
    const options = ['run', '--rm', '-T', '--volume', `${__dirname}/documents:/documents:ro`, 'cli', ...args];
    return new Program('docker', this.#arguments(options), process.env);
  }

  /** Runs `docker compose run --rm cli …`. @throws Error if it does not exit with 0 */
  async cli(...args: string[]): Promise<string> {
    const program = this.startCli(...args);
    const exitCode = await program.exited;
    if (exitCode !== 0)
      throw new Error(`cli ${args.join(' ')} exited with ${exitCode}: ${program.stdout}${program.stderr}`);
    return program.stdout;
  }

  /** Rows of the shop, each as a JSON text. */
  async shop(sql: string): Promise<string[]> {
    const output = await this.compose('exec', '-T', 'shop', 'psql', '-U', 'airbyte', 'shop', '-qAt', '-c', sql);
    return output.split('\n').filter((line) => line !== '');
  }

  /** The containers of a service, those that have ended too. */
  async containersOf(service: string): Promise<Container[]> {
    const ids = (await this.compose('ps', '--all', '--quiet', service)).split('\n').filter(Boolean);
    if (ids.length === 0) return [];
    const { stdout } = await run('docker', ['inspect', ...ids], { maxBuffer: MAXIMUM_OUTPUT_BYTES });
    return z.array(container).parse(JSON.parse(stdout));
  }

  async containerOf(service: string): Promise<Container> {
    const [first] = await this.containersOf(service);
    if (first === undefined) throw new Error(`${service} has no container`);
    return first;
  }

  /** Services whose containers keep running. */
  get servers(): string[] {
    return Object.keys(services).filter((name) => services[name]?.['restart'] === 'unless-stopped');
  }

  /** Kills a container's process as a crash does, so that the engine restarts it. */
  async crash(service: string): Promise<void> {
    const { Id, State } = await this.containerOf(service);
    try {
      process.kill(State.Pid, 'SIGKILL');
    } catch {
      // The engine runs elsewhere, where only itself can kill. It does not restart what it was asked to kill.
      docker(['kill', Id]);
      docker(['start', Id]);
    }
    await until(async () => (await this.containerOf(service)).State.StartedAt !== State.StartedAt);
  }

  /** Resolves when every server runs and is healthy. */
  async healthy(): Promise<void> {
    for (const service of this.servers) {
      await until(async () =>
        (await this.containersOf(service)).every(
          ({ State }) => State.Running && (State.Health?.Status ?? 'healthy') === 'healthy',
        ),
      );
    }
  }

  /** The memory that a container uses now, in bytes. */
  async memoryOf({ Id }: Container): Promise<number> {
    const { stdout } = await run('docker', ['stats', '--no-stream', '--format', '{{.MemUsage}}', Id]);
    const [, number = '', unit = ''] = /^([\d.]+)(\w+)/.exec(stdout) ?? [];
    return Number(number) * ({ B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit] ?? Number.NaN);
  }

  /** Everything that `docker inspect` shows of the containers. */
  async inspected(): Promise<string> {
    const ids = (await this.compose('ps', '--all', '--quiet')).split('\n').filter(Boolean);
    return (await run('docker', ['inspect', ...ids], { maxBuffer: MAXIMUM_OUTPUT_BYTES })).stdout;
  }

  /** The containers and volumes of the project that are there. */
  async leftovers(): Promise<string[]> {
    const filter = ['--quiet', '--filter', `label=com.docker.compose.project=${PROJECT}`];
    const found = await Promise.all([
      run('docker', ['ps', '--all', ...filter]),
      run('docker', ['volume', 'ls', ...filter]),
    ]);
    return found.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean));
  }

  async down(): Promise<void> {
    await this.compose('--profile', 'cli', 'down', '--volumes', '--remove-orphans', '--timeout', '10');
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #arguments(args: string[]): string[] {
    return ['compose', '--project-name', PROJECT, '--env-file', this.#envFile, '--ansi', 'never', ...args];
  }
}
