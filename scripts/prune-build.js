// Removes from `dist` what was compiled from files that are gone. The compiler leaves it there, and Node would still find
// it: `require('./config-api')` takes an old `config-api.js` before a new folder of that name.
const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const dist = join(root, 'dist');
const COMPILED = /\.(?:js|d\.ts)(?:\.map)?$/;

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  const inFolder = entry.parentPath !== dist; // The bundle of the workflows lies in `dist` itself.
  if (!entry.isFile() || !inFolder || !COMPILED.test(entry.name)) continue;
  const source = join(root, relative(dist, file)).replace(COMPILED, '.ts');
  if (!existsSync(source)) rmSync(file);
}
