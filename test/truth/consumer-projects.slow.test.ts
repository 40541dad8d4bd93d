import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findExecutable } from '../../tools/executables';
import { Program } from '../support/child-program';
import { linkPackages, unpackPackage } from '../support/packed-package';
import { describeWithSdk } from '../support/sdk-packages';
import { type Stack, startStack } from '../support/stack';

const ROOT = join(__dirname, '../..');
const SOURCES = join(__dirname, '../support/consumer-project');

/** The oldest release of the Temporal SDK that the package accepts. */
const OLDEST_SDK = '1.22.0';

const PROGRAM_TIMEOUT_MS = 200_000;

let folder: string;
/** The files of the package. */
let files: string[];
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'consumer-projects-'));
  files = unpackPackage(ROOT, folder);
  stack = await startStack({ worker: false });
}, 180_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true });
});

interface Manifest {
  exports: Record<string, string>;
  types: string;
  typesVersions: { '*': Record<string, string[]> };
}

const manifest = (): Manifest => JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));

/** A project of a user, who has installed the package and compiles for Node's own kind of modules. */
class Project {
  private readonly root: string;
  /** The folder of the package. */
  readonly installed: string;

  /** @param modules where its other packages come from, the first folder that has one */
  constructor(
    name: string,
    private readonly type: 'commonjs' | 'module',
    modules?: readonly string[],
  ) {
    this.root = join(folder, name);
    mkdirSync(this.root);
    linkPackages(this.root, /^temporal-airbyte/, modules);
    // A copy, whose own imports lead to the packages of this project.
    this.installed = join(this.root, 'node_modules', 'temporal-airbyte');
    cpSync(join(folder, 'package'), this.installed, { recursive: true });
    cpSync(SOURCES, this.root, { recursive: true });
    writeFileSync(
      join(this.root, 'package.json'),
      JSON.stringify({ name: 'consumer', private: true, type: this.type }),
    );
  }

  /**
   * Compiles its programs under the strictest settings.
   *
   * @returns the errors of the compiler, except those in the files of other packages
   */
  async compile(options: object): Promise<string[]> {
    const compilerOptions = {
      ...{
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        rootDir: '.',
        outDir: 'dist',
      },
      ...{ target: 'es2023', lib: ['es2023'], types: ['node'], ...options },
    };
    writeFileSync(join(this.root, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiling = new Program(process.execPath, [compiler, '-p', this.root, '--pretty', 'false'], process.env);
    await compiling.exited;
    expect(compiling.stderr).toBe('');
    const errors = compiling.stdout.split('\n').filter((line) => / error TS\d+: /.test(line));
    return errors.filter((line) => !/node_modules\/(?!temporal-airbyte)/.test(line));
  }

  /** Runs a compiled program. Returns what it printed. */
  async run(name: string, ...args: string[]): Promise<unknown> {
    const env = stack.temporal.environment({
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], AIRBYTE_URL: stack.sandbox.url },
      TEMPORAL_TEST_SERVER: await findExecutable('temporal-test-server'),
      TEMPORAL_CLI: await findExecutable('temporal'),
    });
    const dist = join(this.root, 'dist');
    const program = new Program(process.execPath, [join(dist, name), join(dist, 'workflows.js'), ...args], env);
    const timer = setTimeout(() => program.kill('SIGKILL'), PROGRAM_TIMEOUT_MS);
    const exitCode = await program.exited;
    clearTimeout(timer);
    expect({ exitCode, stderr: exitCode === 0 ? '' : program.stderr }).toEqual({ exitCode: 0, stderr: '' });
    // The time-skipping server writes to the same output before it.
    return JSON.parse(program.stdout.trim().split('\n').at(-1) ?? '');
  }
}

describe('the files of the package', () => {
  it('hold no state of the compiler, and each source map its sources', () => {
    expect(files.filter((file) => /\.tsbuildinfo$|\.d\.ts\.map$/.test(file))).toEqual([]);
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(100);
    for (const file of maps) {
      const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(folder, 'package', file), 'utf8'));
      expect({ file, sources: sourcesContent.length }).toEqual({ file, sources: sources.length });
    }
  });

  it('hold whatever the documentation links to', () => {
    const pages = files.filter((file) => file.endsWith('.md'));
    expect(pages).toContain('README.md');
    const links = pages.flatMap((page) =>
      [...readFileSync(join(folder, 'package', page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
        ([, target = '']) => ({ page, target: normalize(join(dirname(page), target)).replace(/\/$/, '') }),
      ),
    );
    const broken = links.filter(
      ({ target }) => !files.some((file) => file === target || file.startsWith(`${target}/`)),
    );
    expect(broken).toEqual([]);
  });

  it('are listed in its package.json', () => {
    const { exports } = manifest();
    expect(Object.keys(exports)).toContain('./package.json');
    for (const file of Object.values(exports)) {
      const [folder = ''] = normalize(file).split('*');
      expect(files).toContain(file.includes('*') ? files.find((each) => each.startsWith(folder)) : normalize(file));
    }
  });

  // TypeScript before 6 resolves modules this way by default and ignores `exports`. The compiler of this project cannot do so.
  it('have the types of every export where a compiler resolves modules as node10', () => {
    const { exports: exported, typesVersions, types } = manifest();
    const modules = Object.entries(exported).filter(([, file]) => file.endsWith('.js'));
    const typesOf = (name: string) => (name === '.' ? types : typesVersions['*'][name.slice(2)]?.[0]);
    expect(modules.map(([name]) => [name, typesOf(name)])).toEqual(
      modules.map(([name, file]) => [name, file.replace(/\.js$/, '.d.ts')]),
    );
    for (const [name] of modules) expect(files).toContain(normalize(typesOf(name) ?? ''));
  });

  it('hold none of the sandbox', () => {
    expect(files).toContain(join('dist', 'cli', 'commands', 'sandbox.js'));
    expect(files.filter((file) => /^(?:dist[\\/])?sandbox[\\/]/.test(file))).toEqual([]);
  });
});

const EXPORTS = {
  functions: ['parsePipelineDocument', 'AirbytePlugin', 'runPipeline', 'syncConnection'],
  activities: expect.arrayContaining(['checkSource', 'triggerSync', 'waitForJob']),
  operations: ['sync', 'runPipeline', 'cancel'],
  failureType: 'AirbyteCheckFailed',
  workflowId: 'airbyte-sync:c@q',
  testing: ['MockedAirbyte', 'startTestSandbox'],
};

describe('a project of ES modules that has installed the package', () => {
  let project: Project;
  beforeAll(() => {
    project = new Project('module', 'module');
  });

  it('compiles where a bundler resolves its modules, and where Node does, the files of the package checked too', async () => {
    const bundler = { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true, noEmit: true };
    expect(await project.compile(bundler)).toEqual([]);
    expect(await project.compile({ module: 'nodenext' })).toEqual([]);
  }, 240_000);

  it('imports each export, and runs the workflows that it has bundled: with the plugin, and with mocked activities on the time-skipping server', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 6 });
    expect(await project.run('program.js', 'bundled', connectionId)).toEqual({
      exports: EXPORTS,
      synced: 6,
      mocked: 12,
    });
  }, 240_000);

  it.each(['sandbox', 'demo'])('has no sandbox, and is told how to add it when `%s` is called', async (command) => {
    const cli = new Program(
      process.execPath,
      [join(project.installed, 'bin', 'temporal-airbyte.js'), command],
      process.env,
    );
    expect({ exitCode: await cli.exited, stdout: cli.stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(cli.stderr).toContain('npm install temporal-airbyte-sandbox');
  });
});

describe('a project that has installed the sandbox, too', () => {
  let project: Project;
  beforeAll(() => {
    project = new Project('with-sandbox', 'module');
    unpackPackage(join(ROOT, 'sandbox'), join(folder, 'sandbox'));
    cpSync(join(folder, 'sandbox', 'package'), join(dirname(project.installed), 'temporal-airbyte-sandbox'), {
      recursive: true,
    });
  });

  it('tests its workflow with a sandbox, after which nothing runs that would keep the test from ending', async () => {
    expect(await project.compile({ module: 'nodenext', skipLibCheck: true })).toEqual([]);
    expect(await project.run('sandbox-test.js')).toEqual({ synced: 6 });
  }, 240_000);
});

describeWithSdk(`a CommonJS project with Temporal's SDK ${OLDEST_SDK}`, OLDEST_SDK, (modules) => {
  let project: Project;
  beforeAll(() => {
    project = new Project('oldest', 'commonjs', [modules, join(ROOT, 'node_modules')]);
  });

  it('compiles', async () => {
    expect(await project.compile({ module: 'nodenext', skipLibCheck: true })).toEqual([]);
  }, 240_000);

  it('imports each export, and runs a worker with the plugin, whose workflow syncs a connection', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 6 });
    expect(await project.run('program.js', 'from-path', connectionId)).toEqual({ exports: EXPORTS, synced: 6 });
  }, 240_000);
});
