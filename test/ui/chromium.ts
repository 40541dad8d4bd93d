import { existsSync } from 'node:fs';

/** Debian's. */
const USUAL = '/usr/bin/chromium';

/** The Chromium that opens the pages: the one that `CHROMIUM` names, else Debian's; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['CHROMIUM'];
  // Who names one means it.
  if (named) return named;
  return existsSync(USUAL) ? USUAL : undefined;
}

/** For the title of tests that cannot run. */
export const NO_CHROMIUM = `NOT TESTED: there is no ${USUAL} (apt-get install chromium), and CHROMIUM names none`;
