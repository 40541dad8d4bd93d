import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

/** A line of a file of keys, with a new key. */
export function keyLine(id: string): string {
  return `${id} ${randomBytes(32).toString('base64')}`;
}

/** Writes a file of keys for `AIRBYTE_CODEC_KEYS_FILE`. @returns its path */
export async function writeKeys(file: string, ...lines: string[]): Promise<string> {
  await writeFile(file, `# the first key encrypts\n${lines.join('\n')}\n`);
  return file;
}
