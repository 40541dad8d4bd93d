import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
const INSTALLED = join(ROOT, 'node_modules');

/**
 * Packs a package as `npm publish` would. The package has to be built.
 *
 * @param source the folder of the package
 * @returns the file, in `folder`
 */
export function packPackage(source: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const options = { cwd: source, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], options);
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  return join(folder, packed.stdout.trim());
}

/**
 * Packs a package, and unpacks it into `folder/package`.
 *
 * @param source the folder of the package
 * @returns the paths of its files
 */
export function unpackPackage(source: string, folder: string): string[] {
  const unpacked = spawnSync('tar', ['xzf', packPackage(source, folder), '-C', folder], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`tar failed: ${unpacked.stderr}`);
  const files = readdirSync(join(folder, 'package'), { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(folder, 'package'), join(entry.parentPath, entry.name)));
}

/**
 * Makes `folder/node_modules`, which links to the installed packages.
 *
 * @param modules where packages are taken from, the first folder that has one @default those of this repository
 * @param except names of packages that are left out
 */
export function linkPackages(folder: string, except: RegExp, modules: readonly string[] = [INSTALLED]): void {
  const linked = join(folder, 'node_modules');
  mkdirSync(linked, { recursive: true });
  for (const source of modules) {
    for (const name of readdirSync(source)) {
      if (name.startsWith('.') || except.test(name) || existsSync(join(linked, name))) continue;
      symlinkSync(join(source, name), join(linked, name));
    }
  }
}
