import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closeBroker } from './shared-server';

/** Ends the server that test files shared. After `npm test`, names what it has left out. */
export default async function tearDown(): Promise<void> {
  await closeBroker();
  if (process.env['npm_lifecycle_event'] !== 'test') return;
  const files = readdirSync(join(__dirname, '..'), { recursive: true, encoding: 'utf8' });
  const slow = files.filter((file) => file.endsWith('.slow.test.ts')).length;
  process.stderr.write(
    `\nNOT TESTED: ${slow} slow test files; \`npm run test:all\` runs them too, in about twelve minutes.\n`,
  );
}
