// Removes from both `dist` folders what no source of today compiles to. The compiler leaves it there, and Node would still
// find it: `require('./config-api')` takes an old `config-api.js` before a new folder of that name.
const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join, relative, sep } = require('node:path');

const root = join(__dirname, '..');
const sandbox = join(root, 'sandbox');
/** A later step of the build writes these files, which have no source of their own. */
const workflowBundle = /^workflow-bundle(?:-encrypting)?(?:-traced)?\.js$/;
const COMPILED = /\.(?:js|js\.map|d\.ts)$/;
/** The compiler wrote these once. They name sources that the package does not hold. */
const OUTDATED = /\.d\.ts\.map$/;

/** @param {string} folder holds the sources and, in `dist`, what was compiled from them
 *  @param {(source: string) => boolean} isSource whether a file below the folder is one of its sources */
function prune(folder, isSource) {
  const dist = join(folder, 'dist');
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && OUTDATED.test(entry.name)) rmSync(file);
    if (
      !entry.isFile() ||
      (dist === join(root, 'dist') && workflowBundle.test(relative(dist, file))) ||
      !COMPILED.test(entry.name)
    )
      continue;
    const source = join(folder, relative(dist, file)).replace(COMPILED, '.ts');
    if (!existsSync(source) || !isSource(source)) rmSync(file);
  }
}

prune(root, (source) => !source.startsWith(sandbox + sep));
prune(sandbox, () => true);
