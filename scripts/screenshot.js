// Takes the README's picture: runs the demo, opens the pipeline's workflow in Temporal's UI, and writes
// docs/images/pipeline.png. Needs a Chromium: /usr/bin/chromium, or the one that CHROMIUM names.
//   npm run build && node scripts/screenshot.js
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { chromium } = require('playwright-core');

const root = join(__dirname, '..');
const PICTURE = join(root, 'docs', 'images', 'pipeline.png');
const WORKFLOW = 'airbyte-pipeline:postgres-to-parquet';
/** As high as the page's head, its input and result, and the timeline together. */
const VIEW = { viewport: { width: 1440, height: 1060 }, deviceScaleFactor: 1.5 };
/** The first activity of the pipeline: the timeline is drawn once its name is there. */
const FIRST_STEP = 'findWorkspace';

/** Resolves with the UI's address once the demo has done its work and keeps everything up. */
function demoDone(demo) {
  return new Promise((resolve, reject) => {
    createInterface({ input: demo.stderr }).on('line', (line) => {
      const [, url] = /Temporal's UI: (\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
    demo.once('exit', (code) => reject(new Error(`The demo ended with exit code ${code}.`)));
  });
}

async function takePicture(uiUrl) {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] || '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage(VIEW);
    await page.goto(`${uiUrl}/namespaces/default/workflows/${encodeURIComponent(WORKFLOW)}`);
    // From the first step at the top to the last at the bottom.
    await page.getByRole('button', { name: 'Descending' }).click();
    await page.getByText(FIRST_STEP).first().waitFor();
    await page.screenshot({ path: PICTURE });
  } finally {
    await browser.close();
  }
}

async function main() {
  const demo = spawn(process.execPath, [join(root, 'bin', 'temporal-airbyte.js'), 'demo', '--keep'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  try {
    await takePicture(await demoDone(demo));
  } finally {
    demo.kill('SIGINT');
    await ended;
  }
  process.stdout.write(`${PICTURE}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
