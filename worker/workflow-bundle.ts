import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BundleOptions, bundleWorkflowCode, type Logger, type WorkerOptions } from '@temporalio/worker';
import { version as sdkVersion } from '@temporalio/worker/package.json';

type WebpackConfigHook = NonNullable<BundleOptions['webpackConfigHook']>;

/** What a bundle was built from. It is stored next to the bundle, and shows whether the bundle is up to date. */
interface Manifest {
  /** A bundle works only with the SDK version that built it. */
  sdkVersion: string;
  /** SHA-256 of each file of this project in the bundle, by its path relative to the workflows' folder. */
  files: Record<string, string>;
}

/** The workflows of this project, compiled or in TypeScript like this file. */
export const WORKFLOWS_PATH = require.resolve('../workflows/index');

const MERGED_WORKFLOWS_PATH = require.resolve('./merged-workflows');
/** The module name by which that file requires the workflows of the user. */
const USER_WORKFLOWS = 'temporal-airbyte/own-workflows';

/** Where `npm run build` writes the bundle. */
export const BUNDLE_PATH = join(dirname(WORKFLOWS_PATH), '..', 'workflow-bundle.js');

/**
 * Builds the bundle of the workflows, unless the existing one is up to date. A worker that finds the bundle skips bundling at
 * start.
 *
 * @returns whether it built a bundle
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

/** The source of a worker's workflow code: the bundle if it is up to date, otherwise the files, which it bundles at start. */
export async function workflowSource(
  workflowsPath: string = WORKFLOWS_PATH,
  bundlePath: string = BUNDLE_PATH,
): Promise<Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'>> {
  if (await isFresh(workflowsPath, bundlePath)) return { workflowBundle: { codePath: bundlePath } };
  return { workflowsPath, bundlerOptions: preloadOptions(workflowsPath) };
}

/**
 * Loads the modules of the workflows once for all workflows of a worker. Loading them for each workflow would take two
 * megabytes of memory each and most of the processor time. The SDK freezes what they export.
 */
function preloadOptions(workflowsPath: string): { preloadModules: string[] } {
  return { preloadModules: [workflowsPath] };
}

/**
 * Adds the workflows of this project to the options of a bundle. Only the modules of this project are preloaded, because the
 * user's modules may have state that must not be shared.
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
    // The bundle, or a file that it was built from, is missing or unreadable, so the bundle is out of date.
    return false;
  }
}

/** Collects the files of a bundle except those of packages, and keeps the paths of this machine out of the bundle. */
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

/** Writes a temporary file and renames it, so that a worker that starts meanwhile never reads half a file. */
async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, file);
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

/** The bundler logs a lot on success, and throws on errors. */
const QUIET: Logger = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, log: ignore };

/** The workflows of this project for a worker without its own. If it has its own, `configureBundler` adds ours to its bundle. */
export async function workflowsFor(options: Partial<WorkerOptions>): Promise<Partial<WorkerOptions>> {
  if (options.workflowsPath !== undefined || options.workflowBundle !== undefined) return {};
  const { bundlerOptions, interceptors, dataConverter } = options;
  const buildOptions =
    bundlerOptions ??
    interceptors?.workflowModules ??
    dataConverter?.payloadConverterPath ??
    dataConverter?.failureConverterPath;
  // The prebuilt bundle has none of these options.
  return buildOptions === undefined ? workflowSource() : { workflowsPath: WORKFLOWS_PATH };
}
