// Takes the pictures of docs/images: it runs the tests of Temporal's UI (test/ui), which open the pages, and keeps their
// screenshots. It needs a Chromium, see test/ui/chromium.ts.
//   npm run screenshots
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

const { status } = spawnSync(process.execPath, [jest, 'test/ui'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SCREENSHOT_FOLDER: join(root, 'docs', 'images') },
});
process.exitCode = status ?? 1;
