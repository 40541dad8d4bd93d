import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, reasonOf } from '../connectors/error-reason';
import { restoreSnapshot, snapshotOf } from './snapshot';
import type { Store } from './store';

const FILE_NAME = 'sandbox-state.json';

/** Keeps the state of a sandbox in a file, so that it outlives a process that stops or is killed. It contains secrets. */
export class StateFile {
  #saved: string | undefined;
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(
    private readonly file: string,
    private readonly store: Store,
  ) {}

  /**
   * Opens the state in a folder, and restores what an earlier sandbox has saved there.
   *
   * @throws Error if the folder cannot be used, or holds the state of another version of the sandbox
   */
  static async open(folder: string, store: Store): Promise<StateFile> {
    const file = path.join(folder, FILE_NAME);
    await mkdir(folder, { recursive: true });
    const text = await readIfThere(file);
    try {
      if (text !== undefined) restoreSnapshot(store, text);
    } catch (error) {
      throw new Error(`The state in ${file} cannot be used: ${reasonOf(error)}. Remove the file to begin anew.`);
    }
    const stateFile = new StateFile(file, store);
    await stateFile.save();
    return stateFile;
  }

  /** Resolves when everything that the store holds now is in the file. Calls that come during a save share the next one. */
  save(): Promise<void> {
    if (this.#saving === undefined) return this.#begin();
    this.#next ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<void> {
    const saving = this.#write()
      .catch((error: unknown) => {
        console.error(`The sandbox cannot save its state in ${this.file}, so it responds to no more requests:`, error);
        throw error;
      })
      .finally(() => {
        if (this.#saving === saving) this.#saving = undefined;
      });
    this.#saving = saving;
    return saving;
  }

  async #write(): Promise<void> {
    const text = snapshotOf(this.store);
    if (text === this.#saved) return;
    const unfinished = `${this.file}.tmp`;
    const handle = await open(unfinished, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A process that is killed before this leaves the file as it was.
    await rename(unfinished, this.file);
    this.#saved = text;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
