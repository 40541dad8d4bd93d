import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const TASK_TIMEOUT_MS = 120_000;

let folder: string;
let files: string[];
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'consumer-projects-'));
  files = unpackPackage(ROOT, folder);
  stack = await startStack({ worker: false });
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true });
});

/** A project of a user, who has installed the package and compiles for Node's own kind of modules. */
class Project {
  private readonly root: string;

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
    const installed = join(this.root, 'node_modules', 'temporal-airbyte');
    for (const file of files) {
      mkdirSync(dirname(join(installed, file)), { recursive: true });
      copyFileSync(join(folder, 'package', file), join(installed, file));
    }
  }

  /** Compiles the program. Returns what the compiler printed. */
  compile(): string {
    for (const file of ['program.ts', 'workflows.ts']) copyFileSync(join(SOURCES, file), join(this.root, file));
    writeFileSync(
      join(this.root, 'package.json'),
      JSON.stringify({ name: 'consumer', private: true, type: this.type }),
    );
    const compilerOptions = {
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, rootDir: '.', outDir: 'dist' },
      ...{ module: 'nodenext', target: 'es2023', lib: ['es2023'], types: ['node'] },
    };
    writeFileSync(join(this.root, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    return spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: this.root, encoding: 'utf8' }).stdout;
  }

  /** Runs a task of the compiled program. Returns what it printed. */
  async run(task: string, ...args: string[]): Promise<unknown> {
    const env = stack.temporal.environment({
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], AIRBYTE_URL: stack.sandbox.url },
      TEMPORAL_TEST_SERVER: await findExecutable('temporal-test-server'),
    });
    const dist = join(this.root, 'dist');
    const program = new Program(
      process.execPath,
      [join(dist, 'program.js'), task, join(dist, 'workflows.js'), ...args],
      env,
    );
    const timer = setTimeout(() => program.kill('SIGKILL'), TASK_TIMEOUT_MS);
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
    const { exports } = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));
    expect(Object.keys(exports)).toContain('./package.json');
    for (const file of Object.values<string>(exports)) expect(files).toContain(normalize(file));
  });
});

function testProject(project: () => Project): void {
  it('compiles', () => {
    expect(project().compile()).toBe('');
  }, 240_000);

  it('imports each export', async () => {
    expect(await project().run('listExports')).toEqual({
      functions: ['parsePipelineDocument', 'AirbytePlugin', 'runPipeline', 'syncConnection'],
      activities: expect.arrayContaining(['checkSource', 'triggerSync', 'waitForJob']),
      operations: ['sync', 'runPipeline', 'cancel'],
      failureType: 'AirbyteCheckFailed',
      workflowId: 'airbyte-sync:c@q',
    });
  }, 240_000);

  it('runs a worker with the plugin, whose workflow syncs a connection', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 6 });
    expect(await project().run('runPlugin', connectionId)).toEqual({ records: 6 });
  }, 240_000);
}

describe('a CommonJS project that has installed the package', () => {
  let project: Project;
  beforeAll(() => {
    project = new Project('commonjs', 'commonjs');
  });
  testProject(() => project);

  it('bundles its workflows by bundleWorkflowCode, and runs them with mocked activities on the time-skipping server', async () => {
    expect(await project.run('runMocked')).toEqual({ records: 12 });
  }, 240_000);
});

describe('a project of ES modules that has installed the package', () => {
  let project: Project;
  beforeAll(() => {
    project = new Project('module', 'module');
  });
  testProject(() => project);
});

describeWithSdk(`a project with Temporal's SDK ${OLDEST_SDK}`, OLDEST_SDK, (modules) => {
  let project: Project;
  beforeAll(() => {
    project = new Project('oldest', 'commonjs', [modules, join(ROOT, 'node_modules')]);
  });
  testProject(() => project);
});
