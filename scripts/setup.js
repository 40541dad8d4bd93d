// Runs before `npm start` and `npm test`, and as `prepare` after npm has installed the dependencies of this folder or has
// linked it into another project: it installs what is missing, then builds what has changed. It is plain JavaScript
// without dependencies, because nothing is installed when it first runs.
const { spawnSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** Options of the npm that runs this script, which the one that it starts must not take over: `npm ci` refuses `--global`. */
const OUTER_OPTIONS =
  /^npm_config_(?:global|location|omit|include|only|production|save|save_.+|workspaces?|install_.+|local_prefix|dry_run)$/i;

/** @param {string} step what npm does, shown to the user
 *  @param {string[]} args npm's arguments */
function npm(step, args) {
  process.stderr.write(`${step}\n`);
  // npm's own output goes to stderr, because stdout belongs to the command that this script prepares.
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTER_OPTIONS.test(name))),
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} file @param {string} stamp */
function isNewer(file, stamp) {
  return !existsSync(stamp) || statSync(file).mtimeMs > statSync(stamp).mtimeMs;
}

/** `npm ci --omit=dev` in this folder: it leaves the compiler out on purpose, so there is nothing to build with. */
function omitsCompiler() {
  const { npm_lifecycle_event: event, npm_config_omit: omit = '', INIT_CWD: startedIn } = process.env;
  return event === 'prepare' && startedIn === root && omit.split(/\s+/).includes('dev');
}

if (omitsCompiler()) process.exit();
const lockFile = join(root, 'package-lock.json');
if (existsSync(lockFile) && isNewer(lockFile, join(root, 'node_modules', '.package-lock.json'))) {
  npm('Installing dependencies …', [
    ...['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
  ]);
}
// The compiler is incremental: with nothing changed this takes about a second.
npm('Building …', ['run', '--silent', 'build']);
