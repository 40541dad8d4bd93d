import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BundleOptions, bundleWorkflowCode, type Logger, type WorkerOptions } from '@temporalio/worker';
import { version as sdkVersion } from '@temporalio/worker/package.json';
import { FAILURE_CONVERTER_PATH } from '../src/encryption/data-converter';
import { FAILURE_CONVERTER_NAME } from '../src/encryption/failure-converter';

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

/** The interceptors of workflows in every worker. */
const FAILURE_LOG_PATH = require.resolve('../workflows/failure-log');
/** The interceptors of workflows in a traced worker. */
const TRACED_RUN_PATH = require.resolve('../workflows/traced-run');

/** Where `npm run build` writes the bundles. */
const BUNDLES_FOLDER = join(dirname(WORKFLOWS_PATH), '..');

/** Which bundle; default: the one of this project for workers that neither encrypt nor export traces. */
export interface BundleChoice {
  workflowsPath?: string;
  bundlePath?: string;
  /** The converter of failures is part of a bundle. */
  encrypts?: boolean;
  /** One bundle for both would make each workflow of all workers pay for traces. */
  isTraced?: boolean;
}

/** The source of a worker's workflow code. */
export type WorkflowSource = Pick<
  WorkerOptions,
  'workflowBundle' | 'workflowsPath' | 'bundlerOptions' | 'interceptors'
>;

/**
 * Builds the bundle of the workflows, unless the existing one is up to date. A worker that finds the bundle skips bundling at
 * start.
 *
 * @returns whether it built a bundle
 */
export async function writeWorkflowBundle(choice: BundleChoice = {}): Promise<boolean> {
  const { workflowsPath, bundlePath, ...files } = filesOf(choice);
  const interceptorModules = [FAILURE_LOG_PATH, ...files.interceptorModules];
  if (await isFresh(workflowsPath, bundlePath, interceptorModules)) return false;
  const bundledFiles = new Set<string>();
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: interceptorModules,
    ...preloadOptions(workflowsPath, interceptorModules),
    ...(choice.encrypts && { failureConverterPath: FAILURE_CONVERTER_PATH }),
    webpackConfigHook: recordFiles(bundledFiles),
    logger: QUIET,
  });
  const folder = dirname(workflowsPath);
  const ownFiles = [...bundledFiles].filter((file) => !file.includes('node_modules'));
  const hashes = ownFiles.sort().map(async (file) => [relative(folder, file), await sha256(file)] as const);
  const manifest: Manifest = { sdkVersion, files: Object.fromEntries(await Promise.all(hashes)) };
  await mkdir(dirname(bundlePath), { recursive: true });
  await replaceFile(bundlePath, code);
  await replaceFile(noticesPath(bundlePath), await noticesOf(bundledFiles));
  await replaceFile(manifestPath(bundlePath), `${JSON.stringify(manifest, null, 2)}\n`);
  return true;
}

/** The source of a worker's workflow code: the bundle if it is up to date, otherwise the files, which it bundles at start. */
export async function workflowSource(choice: BundleChoice = {}): Promise<WorkflowSource> {
  const { workflowsPath, bundlePath, interceptorModules } = filesOf(choice);
  if (await isFresh(workflowsPath, bundlePath, [FAILURE_LOG_PATH, ...interceptorModules]))
    return { workflowBundle: { codePath: bundlePath } };
  return {
    workflowsPath,
    bundlerOptions: preloadOptions(workflowsPath, interceptorModules),
    ...(interceptorModules.length > 0 && { interceptors: { workflowModules: interceptorModules } }),
  };
}

function filesOf({ workflowsPath = WORKFLOWS_PATH, bundlePath, encrypts = false, isTraced = false }: BundleChoice) {
  const name = ['workflow-bundle', ...(encrypts ? ['encrypting'] : []), ...(isTraced ? ['traced'] : [])].join('-');
  return {
    workflowsPath,
    bundlePath: bundlePath ?? join(BUNDLES_FOLDER, `${name}.js`),
    interceptorModules: isTraced ? [TRACED_RUN_PATH] : [],
  };
}

/**
 * Loads the modules of the workflows once for all workflows of a worker. Loading them for each workflow would take two
 * megabytes of memory each and most of the processor time. The SDK freezes what they export.
 */
function preloadOptions(workflowsPath: string, interceptorModules: string[] = []): { preloadModules: string[] } {
  return { preloadModules: [workflowsPath, ...interceptorModules] };
}

/**
 * Adds the workflows of this project to the options of a bundle. Only the modules of this project are preloaded, because the
 * user's modules may have state that must not be shared.
 */
export function withAirbyteWorkflows(options: BundleOptions): BundleOptions {
  const { workflowsPath, webpackConfigHook, preloadModules = [], workflowInterceptorModules = [] } = options;
  const ours = preloadOptions(WORKFLOWS_PATH, [FAILURE_LOG_PATH]).preloadModules;
  const shared = {
    ...options,
    workflowInterceptorModules: [...workflowInterceptorModules, FAILURE_LOG_PATH],
    preloadModules: [...preloadModules, ...ours],
  };
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

async function isFresh(
  workflowsPath: string,
  bundlePath: string,
  interceptorModules: readonly string[],
): Promise<boolean> {
  try {
    await readFile(bundlePath);
    const manifest: Manifest = JSON.parse(await readFile(manifestPath(bundlePath), 'utf8'));
    const folder = dirname(workflowsPath);
    if (!interceptorModules.every((file) => relative(folder, file) in manifest.files)) return false;
    const same = Object.entries(manifest.files).map(
      async ([file, hash]) => (await sha256(join(folder, file))) === hash,
    );
    return manifest.sdkVersion === sdkVersion && (await Promise.all(same)).every(Boolean);
  } catch {
    // The bundle, or a file that it was built from, is missing or unreadable, so the bundle is out of date.
    return false;
  }
}

/** Collects the files of a bundle, and keeps the paths of this machine out of the bundle. */
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
              if (file && !file.includes('autogenerated-entrypoint')) files.add(file);
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

/** The licences of the packages whose code a bundle contains: most ask for their text wherever that code goes. */
async function noticesOf(files: ReadonlySet<string>): Promise<string> {
  const folders = [...files].flatMap(
    (file) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? [],
  );
  const notices = [...new Set(folders)].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const texts = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|notice)/i.test(file)).sort();
    const contents = await Promise.all(texts.map((file) => readFile(join(folder, file), 'utf8')));
    return [`${name} ${version} (${license})`, ...contents.map((content) => content.trim())].join('\n\n');
  });
  return `The bundle of the workflows contains code of these packages.\n\n${(await Promise.all(notices)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function noticesPath(bundlePath: string): string {
  return bundlePath.replace(/\.js$/, '.licences.txt');
}

function manifestPath(bundlePath: string): string {
  return bundlePath.replace(/\.js$/, '.json');
}

const ignore = () => {};

/** The bundler logs a lot on success, and throws on errors. */
const QUIET: Logger = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, log: ignore };

/**
 * The workflows of this project for a worker without its own. If it has its own, `configureBundler` adds ours to its bundle.
 *
 * @param options as the user gave them
 * @throws TypeError when its bundle lacks the workflows of this project, or when the worker encrypts and its bundle would leave the
 *   messages of failures in plain text
 */
export async function workflowsFor(
  options: Partial<WorkerOptions>,
  encrypts: boolean,
): Promise<Partial<WorkerOptions>> {
  const { bundlerOptions, interceptors, dataConverter, workflowBundle } = options;
  if (workflowBundle !== undefined) {
    const code = 'code' in workflowBundle ? workflowBundle.code : await readFile(workflowBundle.codePath, 'utf8');
    requireWorkflows(code);
    if (encrypts && dataConverter?.failureConverterPath === undefined) requireFailureConverter(code);
  }
  if (options.workflowsPath !== undefined || workflowBundle !== undefined) return {};
  const buildOptions =
    bundlerOptions ??
    interceptors?.workflowModules ??
    dataConverter?.payloadConverterPath ??
    dataConverter?.failureConverterPath;
  // The prebuilt bundle has none of these options.
  if (buildOptions !== undefined) return { workflowsPath: WORKFLOWS_PATH };
  return workflowSource({ encrypts });
}

/** Temporal would retry the first task of a workflow without end that a worker without it takes. */
function requireWorkflows(code: string): void {
  if (code.includes('syncConnection')) return;
  throw new TypeError(
    'The workflowBundle of this worker lacks the workflows of temporal-airbyte, so no sync would ever begin. Build it with this plugin: bundleWorkflowCode({ plugins: [new AirbytePlugin()], … }), or pass workflowsPath to Worker.create, which then builds it.',
  );
}

function requireFailureConverter(code: string): void {
  if (code.includes(FAILURE_CONVERTER_NAME)) return;
  throw new TypeError(
    'AIRBYTE_CODEC_KEYS_FILE is set, but the workflowBundle of this worker would leave the messages of failures in plain text. Build it with this plugin, in an environment that has AIRBYTE_CODEC_KEYS_FILE too: bundleWorkflowCode({ plugins: [new AirbytePlugin()], … }).',
  );
}
