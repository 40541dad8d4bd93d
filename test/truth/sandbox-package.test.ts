import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkPackages, unpackPackage } from '../support/packed-package';

const ROOT = join(__dirname, '../..');
const SANDBOX = join(ROOT, 'sandbox');

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-package-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the sources of the sandbox', () => {
  const sources = readdirSync(SANDBOX, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file.endsWith('.ts') && !/[\\/](?:dist|node_modules)[\\/]/.test(file));
  const imports = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).* from '(.+?)';$/gm)].map(([, name = '']) => ({
      file,
      name,
    })),
  );

  it('import themselves, Node, and the dependencies that their package declares', () => {
    const { dependencies } = manifestOf(SANDBOX);
    const others = imports.map(({ name }) => name).filter((name) => !name.startsWith('.'));
    const packages = others.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')));
    expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('import nothing of temporal-airbyte', () => {
    const outside = imports.filter(
      ({ file, name }) => name.startsWith('.') && relative(SANDBOX, join(file, '..', name)).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });
});

describe('temporal-airbyte', () => {
  it('has none of the dependencies of the sandbox', () => {
    const shared = ['commander', 'yaml', 'zod'];
    const own = Object.keys(manifestOf(SANDBOX).dependencies).filter((name) => !shared.includes(name));
    const { dependencies, optionalDependencies = {} } = manifestOf(ROOT);
    expect(own.filter((name) => name in dependencies || name in optionalDependencies)).toEqual([]);
  });
});

describe('the package of the sandbox', () => {
  it('has what it needs to run, and the version of temporal-airbyte', () => {
    const files = unpackPackage(SANDBOX, join(folder, 'sandbox'));
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', join('dist', 'server.d.ts')]),
    );
    expect(files.filter((file) => file.endsWith('.tsbuildinfo'))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    // What the sandbox needs, and what those packages need: never temporal-airbyte or the Temporal SDK.
    linkPackages(join(folder, 'sandbox'), /^temporal-airbyte|^@temporalio$/);
    const cli = join(folder, 'sandbox', 'package', 'bin', 'temporal-airbyte-sandbox.js');
    const { status, stdout } = spawnSync(process.execPath, [cli, '--help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('--airbyte-version');
    expect(manifestOf(SANDBOX).version).toBe(manifestOf(ROOT).version);
  });
});
