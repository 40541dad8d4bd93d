import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BundleOptions, bundleWorkflowCode, type Logger, type WorkerOptions } from '@temporalio/worker';
import { version as sdkVersion } from '@temporalio/worker/package.json';

type WebpackConfigHook = NonNullable<BundleOptions['webpackConfigHook']>;

/** What a bundle was made of. It lies beside the bundle, and tells whether the bundle is still what would be made. */
interface Manifest {
  /** A bundle serves only the SDK version that made it. */
  sdkVersion: string;
  /** SHA-256 of each of our own files in the bundle, by its path relative to the workflows' folder. */
  files: Record<string, string>;
}

/** The workflows of this project: compiled beside the compiled worker, and in TypeScript beside its source. */
export const WORKFLOWS_PATH = require.resolve('../workflows/index');

const MERGED_WORKFLOWS_PATH = require.resolve('./merged-workflows');
/** The name by which that file asks for the workflows which are not ours. */
const USER_WORKFLOWS = 'temporal-airbyte/own-workflows';

/** Where `npm run build` puts the bundle. */
export const BUNDLE_PATH = join(dirname(WORKFLOWS_PATH), '..', 'workflow-bundle.js');

/**
 * Makes the bundle of the workflows, unless the one that is there is made of the same. A worker that finds it starts
 * without compiling anything.
 *
 * @returns whether a bundle had to be made
 */
export async function writeWorkflowBundle(
  workflowsPath: string = WORKFLOWS_PATH,
  bundlePath: string = BUNDLE_PATH,
): Promise<boolean> {
  if (await isFresh(workflowsPath, bundlePath)) return false;
  const ownFiles = new Set<string>();
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    ...preloadOptions(workflowsPath),
    webpackConfigHook: recordFiles(ownFiles),
    logger: QUIET,
  });
  const folder = dirname(workflowsPath);
  const hashes = [...ownFiles].sort().map(async (file) => [relative(folder, file), await sha256(file)] as const);
  const manifest: Manifest = { sdkVersion, files: Object.fromEntries(await Promise.all(hashes)) };
  await mkdir(dirname(bundlePath), { recursive: true });
  await replaceFile(bundlePath, code);
  await replaceFile(manifestPath(bundlePath), `${JSON.stringify(manifest, null, 2)}\n`);
  return true;
}

/** Where a worker takes its workflows from: the bundle when it is up to date, else the files, to be bundled at start. */
export async function workflowSource(
  workflowsPath: string = WORKFLOWS_PATH,
  bundlePath: string = BUNDLE_PATH,
): Promise<Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'>> {
  if (await isFresh(workflowsPath, bundlePath)) return { workflowBundle: { codePath: bundlePath } };
  return { workflowsPath, bundlerOptions: preloadOptions(workflowsPath) };
}

/**
 * Loads all modules of the workflows once, for all workflows of a worker. Loaded anew for each, they would take two
 * megabytes of memory for each and most of the processor's time. What they export is frozen: none of it may change.
 */
function preloadOptions(workflowsPath: string): { preloadModules: string[] } {
  return { preloadModules: [workflowsPath] };
}

/**
 * The options of a bundle with the workflows of this project and those that the options name already. Only ours are
 * shared: whether somebody else's modules may be, only they know.
 */
export function withAirbyteWorkflows(options: BundleOptions): BundleOptions {
  const { workflowsPath, webpackConfigHook, preloadModules = [] } = options;
  const shared = { ...options, preloadModules: [...preloadModules, ...preloadOptions(WORKFLOWS_PATH).preloadModules] };
  if (workflowsPath === WORKFLOWS_PATH) return shared;
  return {
    ...shared,
    workflowsPath: MERGED_WORKFLOWS_PATH,
    webpackConfigHook: (config) => aliasUserWorkflows(webpackConfigHook?.(config) ?? config, workflowsPath),
  };
}

function aliasUserWorkflows(config: Parameters<WebpackConfigHook>[0], workflowsPath: string): typeof config {
  const { alias = {} } = config.resolve ?? {};
  const withOurs = Array.isArray(alias)
    ? [...alias, { name: USER_WORKFLOWS, alias: workflowsPath, onlyModule: true }]
    : { ...alias, [`${USER_WORKFLOWS}$`]: workflowsPath };
  return { ...config, resolve: { ...config.resolve, alias: withOurs } };
}

async function isFresh(workflowsPath: string, bundlePath: string): Promise<boolean> {
  try {
    await readFile(bundlePath);
    const manifest: Manifest = JSON.parse(await readFile(manifestPath(bundlePath), 'utf8'));
    const folder = dirname(workflowsPath);
    const same = Object.entries(manifest.files).map(
      async ([file, hash]) => (await sha256(join(folder, file))) === hash,
    );
    return manifest.sdkVersion === sdkVersion && (await Promise.all(same)).every(Boolean);
  } catch {
    // Missing or unreadable, the bundle or a file it was made of: not what would be made now.
    return false;
  }
}

/** Collects the files that go into a bundle, without those of packages, and leaves out where they lie on this machine. */
function recordFiles(files: Set<string>): WebpackConfigHook {
  return (config) => ({
    ...config,
    output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    plugins: [
      ...(config.plugins ?? []),
      {
        apply: (compiler) =>
          compiler.hooks.afterEmit.tap('recordFiles', ({ modules }) => {
            for (const module of modules) {
              const file = 'resource' in module ? String(module.resource) : '';
              if (file && !file.includes('node_modules') && !file.includes('autogenerated-entrypoint')) files.add(file);
            }
          }),
      },
    ],
  });
}

/** Written aside first: a worker that starts meanwhile sees the old file or the new one, never half of it. */
async function replaceFile(file: string, content: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, content);
  await rename(aside, file);
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

function manifestPath(bundlePath: string): string {
  return bundlePath.replace(/\.js$/, '.json');
}

const ignore = () => {};

/** The bundler tells of its success at length; its errors come as exceptions. */
const QUIET: Logger = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, log: ignore };
