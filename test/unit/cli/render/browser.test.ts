import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { openInBrowser } from '../../../../cli/render/browser';
import { until } from '../../../support/until';
import { recordedTerminal } from '../recorded-terminal';

const URL = 'https://airbyte.example.com/workspaces/w/connections/c';

it('opens a page in the browser of BROWSER, on a terminal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const opened = join(folder, 'opened');
  const browser = join(folder, 'browser');
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`);
  await chmod(browser, 0o755);
  try {
    const env = { BROWSER: browser, PATH: process.env['PATH'] };
    expect(await openInBrowser(URL, recordedTerminal({ isTTY: true, env }))).toBe(true);
    expect(await until(() => readFile(opened, 'utf8').catch(() => undefined))).toBe(URL);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ['in a pipe', { isTTY: false, env: { BROWSER: '/bin/true' } }],
  ['where no browser is installed', { isTTY: true, env: { BROWSER: '/no/such/browser' } }],
  ['in a shell without a display', { isTTY: true, env: {} }],
])('opens none %s', async (_, options) => {
  expect(await openInBrowser(URL, recordedTerminal(options))).toBe(false);
});
