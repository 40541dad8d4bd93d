// Runs before `npm start` and `npm test`: on a fresh clone it installs the dependencies and builds; afterwards it only
// does what has changed since. Plain JavaScript without dependencies, because nothing is installed when it first runs.
const { spawnSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** @param {string} step what is being done, for the person who waits
 *  @param {string[]} args npm's arguments */
function npm(step, args) {
  process.stderr.write(`${step}\n`);
  // npm's own output goes to stderr: stdout belongs to the command that this prepares.
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} file @param {string} stamp */
function isNewer(file, stamp) {
  return !existsSync(stamp) || statSync(file).mtimeMs > statSync(stamp).mtimeMs;
}

if (isNewer(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'))) {
  npm('Installing dependencies …', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
// The compiler is incremental: with nothing changed this takes about a second.
npm('Building …', ['run', '--silent', 'build']);
