import { isDeepStrictEqual } from 'node:util';
import type { AirbyteCapabilities, UncertainCapability } from '../../src/airbyte/capabilities';
import { proxyNote } from '../../src/configuration/client-options';
import { unknownVariables } from '../../src/configuration/unknown-variables';
import { workerSettings } from '../../src/configuration/worker-settings';
import { STARTABLE_JOB_TYPES } from '../../src/contract/job-types';
import { encryptionKeysFromEnvironment } from '../../src/encryption/encryption-keys';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection';
import { findMissingSearchAttributes } from '../../src/temporal/missing-search-attributes';
import {
  createNexusEndpoint,
  listNexusEndpoints,
  type NexusEndpoint,
  nexusEndpointName,
} from '../../src/temporal/nexus-endpoint';
import { registerSearchAttributes, typeConflictError } from '../../src/temporal/search-attributes';
import { formatCount } from '../../src/text/formatting';
import { webhookSettings } from '../../src/webhooks/webhook-settings';
import { EXECUTABLE_VERSIONS, ExecutableNotFoundError, findExecutable } from '../../tools/executables';
import { UnsafeFolderError } from '../../tools/program-verification';
import { withAirbyte } from '../command-context';
import { installedSandbox } from '../demo/entry-points';
import { presentFailure } from '../render/failure-presentation';
import type { Terminal } from '../render/terminal';
import type { CheckResult } from './check-result';
import { checkWorkers } from './worker-check';

export interface Check {
  name: string;
  /** An error that it throws counts as a failed check. */
  run(): Promise<CheckResult>;
}

/** `engines` of package.json. */
const OLDEST_NODE = [20, 19] as const;

/** The variables that the check names. It shows no values, because they may be secrets. */
const VARIABLE = /^(AIRBYTE|TEMPORAL|SECRET)_/;

/** How many workspaces the check names. */
const NAMES_SHOWN = 5;

/** The checks, in an order in which each follows those it depends on. */
export function doctorChecks(terminal: Terminal): Check[] {
  const { env } = terminal;
  let temporal: TemporalClient | undefined;
  const needsTemporal = (check: (temporal: TemporalClient) => Promise<CheckResult>) => async (): Promise<CheckResult> =>
    temporal ? check(temporal) : { status: 'warning', message: 'not checked, because the check of Temporal failed' };
  return [
    { name: 'Node.js', run: async () => checkNode(process.versions.node) },
    { name: 'Environment', run: async () => checkEnvironment(env) },
    { name: 'Encryption', run: async () => checkEncryption(env) },
    { name: 'Airbyte', run: () => checkAirbyte(terminal) },
    {
      name: 'Temporal',
      run: async () => {
        temporal = await connectTemporal({ env });
        return { status: 'ok', message: `reachable at ${temporal.address}, namespace '${temporal.namespace}'` };
      },
    },
    { name: 'Search attributes', run: needsTemporal(checkSearchAttributes) },
    {
      name: 'Nexus endpoint',
      run: needsTemporal((connected) => checkNexusEndpoint(connected, workerSettings(env).taskQueue)),
    },
    {
      name: 'Worker',
      run: needsTemporal(async (connected) => {
        try {
          return await checkWorkers(connected, env);
        } finally {
          await connected.close();
        }
      }),
    },
    { name: 'Temporal CLI', run: () => checkTemporalCli(env) },
  ];
}

export function checkNode(version: string): CheckResult {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return { status: 'ok', message: version };
  return {
    status: 'failed',
    message: `${version} is too old`,
    hint: `Install Node.js ${OLDEST_NODE.join('.')} or newer: https://nodejs.org`,
  };
}

export function checkEnvironment(env: NodeJS.ProcessEnv): CheckResult {
  workerSettings(env);
  webhookSettings(env);
  const names = Object.keys(env)
    .filter((name) => VARIABLE.test(name) && env[name] !== '')
    .sort();
  const message =
    names.length === 0 ? 'no AIRBYTE_*, TEMPORAL_* or SECRET_* variable is set' : `set: ${names.join(', ')}`;
  const unknown = unknownVariables(env);
  if (unknown.length === 0) return { status: 'ok', message };
  const described = unknown.map(({ name, nearest }) => (nearest ? `${name} (did you mean ${nearest}?)` : name));
  return {
    status: 'warning',
    message: `${message}\nunknown, and therefore ignored: ${described.join(', ')}`,
    hint: 'docs/configuration.md lists every variable.',
  };
}

export function checkEncryption(env: NodeJS.ProcessEnv): CheckResult {
  const keys = encryptionKeysFromEnvironment(env);
  if (keys === undefined) {
    return { status: 'ok', message: 'off: Temporal stores inputs, results and failures in plain text' };
  }
  const others = [...keys.byId.keys()].filter((id) => id !== keys.current.id);
  const also = others.length === 0 ? '' : `, and what ${others.join(', ')} encrypted is decrypted`;
  return { status: 'ok', message: `the key '${keys.current.id}' encrypts what is sent to Temporal${also}` };
}

async function checkAirbyte(terminal: Terminal): Promise<CheckResult> {
  return withAirbyte(terminal, async (airbyte) => {
    const { available } = await airbyte.health();
    if (!available) {
      return { status: 'failed', message: `responds at ${airbyte.url}, but reports that it is not available` };
    }
    const names = (await airbyte.workspaces.list()).map(({ name }) => name);
    const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ' …' : '');
    if (names.length === 0) {
      return { status: 'failed', message: `reachable at ${airbyte.url}, but these credentials may read no workspace` };
    }
    const capabilities = await airbyte.capabilities();
    const found = `reachable at ${airbyte.url}, ${formatCount(names.length, 'workspace')}: ${shown}`;
    const lines = [found, proxyNote(terminal.env) ?? [], describeCapabilities(capabilities)].flat();
    return { status: 'ok', message: lines.join('\n'), capabilities };
  });
}

async function checkSearchAttributes({ connection, namespace }: TemporalClient): Promise<CheckResult> {
  const { missing, conflicting, capacityProblem } = await findMissingSearchAttributes(connection, namespace);
  if (conflicting.length > 0) throw typeConflictError(namespace, conflicting);
  if (missing.length === 0) return { status: 'ok', message: 'all are registered' };
  if (capacityProblem !== undefined) return { status: 'failed', message: capacityProblem };
  const names = missing.map(({ name }) => name).join(', ');
  return {
    status: 'warning',
    message: `not registered yet: ${names}`,
    hint: 'The worker registers them when it starts, and so does: temporal-airbyte doctor --fix',
    fix: async () => {
      await registerSearchAttributes(connection, namespace);
      return { status: 'ok', message: `registered ${names}` };
    },
  };
}

/** Checks the Nexus endpoint, which only workflows of other namespaces need. */
async function checkNexusEndpoint({ connection, namespace }: TemporalClient, taskQueue: string): Promise<CheckResult> {
  const target = { namespace, taskQueue };
  const targetText = `the task queue '${taskQueue}' of the namespace '${namespace}'`;
  let endpoints: NexusEndpoint[];
  try {
    endpoints = await listNexusEndpoints(connection);
  } catch (error) {
    return {
      status: 'warning',
      message: `unknown: this Temporal server does not list its endpoints (${presentFailure(error).message})`,
      hint: `Workflows of other namespaces need one that targets ${targetText}. Temporal Cloud lists endpoints on its page Nexus.`,
    };
  }
  const here = endpoints.find((endpoint) => isDeepStrictEqual(endpoint.target, target));
  if (here) return { status: 'ok', message: `'${here.name}' targets ${targetText}` };
  const name = nexusEndpointName(taskQueue);
  const command = (as: string) =>
    `temporal operator nexus endpoint create --name ${as} --target-namespace ${namespace} --target-task-queue ${taskQueue}`;
  const missing = {
    status: 'warning',
    message: `none targets ${targetText}; only workflows of other namespaces need one`,
  } as const;
  if (endpoints.some((endpoint) => endpoint.name === name)) {
    return { ...missing, hint: `The name '${name}' is taken. With another one: ${command(`${name}-${namespace}`)}` };
  }
  return {
    ...missing,
    hint: `To create '${name}': temporal-airbyte doctor --fix, or ${command(name)}`,
    fix: async () => {
      await createNexusEndpoint(connection, name, target);
      return { status: 'ok', message: `created '${name}', which targets ${targetText}` };
    },
  };
}

/**
 * Checks the Temporal CLI, which only `demo` and development need.
 *
 * @param hasSandbox without the sandbox there is neither
 */
export async function checkTemporalCli(
  env: NodeJS.ProcessEnv,
  hasSandbox = installedSandbox() !== undefined,
): Promise<CheckResult> {
  try {
    // A check downloads nothing.
    const path = await findExecutable('temporal', { env, downloads: [] });
    return { status: 'ok', message: `${path} (for the demo and for development)` };
  } catch (error) {
    if (error instanceof UnsafeFolderError) return { status: 'warning', message: error.message };
    if (!(error instanceof ExecutableNotFoundError) || env['TEMPORAL_CLI']) throw error;
    if (!hasSandbox) {
      return {
        status: 'ok',
        message: 'not installed, and not needed: there is no demo here, because it needs the sandbox',
      };
    }
    return {
      status: 'warning',
      message: `not installed; the demo downloads ${EXECUTABLE_VERSIONS.temporal} when it needs it`,
      hint: 'To use an existing one, put it on PATH or set TEMPORAL_CLI to its path.',
    };
  }
}

const APIS = { config: 'Config API', public: 'public API' };

/** What an Airbyte server supports, in lines for the user. */
export function describeCapabilities(capabilities: AirbyteCapabilities): string[] {
  const { flavour, version, jobTypes, uncertain = [] } = capabilities;
  const abilities: [able: boolean, what: string, name?: UncertainCapability][] = [
    ...STARTABLE_JOB_TYPES.map((type): [boolean, string, UncertainCapability] => [jobTypes.includes(type), type, type]),
    [capabilities.connectionChecks, 'connection checks', 'connectionChecks'],
    [capabilities.jobLogs, 'job logs', 'jobLogs'],
    [capabilities.changeFeed !== 'none', 'changes of all jobs in one request'],
    [capabilities.workspaceList !== 'none', 'list of workspaces'],
    [capabilities.definitionsPerWorkspace, 'connectors per workspace', 'definitionsPerWorkspace'],
    [capabilities.specifications, "connectors' specifications", 'specifications'],
    [capabilities.tokens, 'tokens for client credentials'],
  ];
  const isUncertain = (name: UncertainCapability | undefined) => name !== undefined && uncertain.includes(name);
  const namesOf = (isAble: boolean) =>
    abilities.filter(([able, , name]) => able === isAble && !isUncertain(name)).map(([, what]) => what);
  const lacking = namesOf(false);
  const doubtful = abilities.filter(([, , name]) => isUncertain(name)).map(([, what]) => what);
  return [
    `Airbyte${version === undefined ? '' : ` ${version}`} through its ${APIS[flavour]}`,
    `can: ${namesOf(true).join(', ')}`,
    ...(lacking.length === 0 ? [] : [`cannot: ${lacking.join(', ')}`]),
    ...(doubtful.length === 0
      ? []
      : [
          `unknown: ${doubtful.join(', ')} (either these credentials lack the permission, or this Airbyte lacks the endpoint: with authentication on, both give the same response)`,
        ]),
  ];
}
