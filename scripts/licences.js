// `npm run licences` lists the licences of the packages that temporal-airbyte needs to run, direct and indirect, and fails on one
// that is not among those below. Read what a licence asks for before you add it. `node scripts/licences.js FOLDER` does the same
// for another project.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = process.argv[2] ?? join(__dirname, '..');

/** Licences that permit use in any product, and ask for nothing but their text. */
const PERMITTED = new Set([
  ...['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'BlueOak-1.0.0'],
  // caniuse-lite: data about browsers, which the bundler brings along and no package of ours contains.
  'CC-BY-4.0',
]);

/** Packages that name their licence nowhere but in the text of it. */
const READ_IN_TEXT = { unionfs: 'Unlicense' };

/** Whether a licence, in the form of SPDX, is permitted: all of `A AND B`, one of `A OR B`. */
function isPermitted(licence) {
  const parts = (text) => text.replace(/[()]/g, '').split(/ AND /);
  return licence.split(/ OR /).some((choice) => parts(choice).every((part) => PERMITTED.has(part.trim())));
}

/** The packages of the lock file that are not for development only, by licence. */
function packagesByLicence() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const byLicence = new Map();
  for (const [path, { dev, devOptional, link, license, version }] of Object.entries(lock.packages)) {
    const [, name] = /.*node_modules\/(.+)$/.exec(path) ?? [];
    if (name === undefined || dev || devOptional || link) continue;
    const licence = license ?? readInstalledLicence(path) ?? READ_IN_TEXT[name] ?? 'unknown';
    byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name}@${version}`]);
  }
  return byLicence;
}

/** Reads the licence of a package of which the lock file has none. */
function readInstalledLicence(path) {
  const file = join(root, path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  return typeof license === 'string' ? license : (license?.type ?? licenses?.map(({ type }) => type).join(' OR '));
}

const byLicence = [...packagesByLicence()].sort(([, a], [, b]) => b.length - a.length);
for (const [licence, packages] of byLicence) {
  process.stdout.write(`${licence} (${packages.length}): ${[...new Set(packages)].sort().join(', ')}\n`);
}
for (const [licence, packages] of byLicence.filter(([licence]) => !isPermitted(licence))) {
  process.stderr.write(`Not permitted: ${licence}, the licence of ${packages.join(', ')}\n`);
  process.exitCode = 1;
}
