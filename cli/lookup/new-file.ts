import { writeFile } from 'node:fs/promises';
import { CliError } from '../cli-error';

/** Writes a file that does not exist yet, for `--output`. @throws CliError when it exists, or cannot be written */
export async function writeNewFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'the file exists already; give another name, or remove it' : code;
    throw CliError.badInput(`--output: ${file} cannot be written: ${reason}.`);
  }
}
