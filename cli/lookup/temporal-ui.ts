import { InvalidEnvironmentError } from '../../src/configuration/read-variable';
import { CliError } from '../cli-error';

const CLOUD_UI = 'https://cloud.temporal.io';
/** The hosts of Temporal Cloud: https://docs.temporal.io/cloud/namespaces#access-namespaces */
const CLOUD_HOST = /\.(?:tmprl\.cloud|temporal\.io)$/;
const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
/** `temporal server start-dev` serves its UI at the port of the server plus this, unless `--ui-port` says otherwise. */
const DEV_SERVER_UI_OFFSET = 1_000;
/** The port in the docker-compose.yml of this project and of Temporal's own samples. */
const COMPOSE_UI_PORT = 8080;
const PROBE_TIMEOUT_MS = 1_000;

/**
 * Finds the address of Temporal's UI, without a slash at its end: that of `TEMPORAL_UI_URL`, that of Temporal Cloud, or, for a
 * server on this machine, the usual port at which a UI responds.
 *
 * @throws CliError when it is not known
 * @throws InvalidEnvironmentError
 */
export async function findTemporalUi(env: NodeJS.ProcessEnv, address: string): Promise<string> {
  const given = env['TEMPORAL_UI_URL'];
  if (given) return checkedUrl(given);
  const { hostname, port } = new URL(`http://${address}`);
  if (CLOUD_HOST.test(hostname)) return CLOUD_UI;
  const ports = LOOPBACK_HOSTS.includes(hostname) ? [Number(port) + DEV_SERVER_UI_OFFSET, COMPOSE_UI_PORT] : [];
  for (const each of ports) {
    const url = `http://${hostname}:${each}`;
    if (await isTemporalUi(url)) return url;
  }
  throw CliError.badInput(
    `The address of Temporal's UI for the server at ${address} is not known. Set TEMPORAL_UI_URL to it, like http://localhost:8233.`,
  );
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  throw new InvalidEnvironmentError('TEMPORAL_UI_URL', 'is no web address. Set it to one like http://localhost:8233.');
}

/** Whether a UI of Temporal responds there: it has this call for its own pages. */
async function isTemporalUi(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v1/settings`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return response.ok && 'Version' in Object(await response.json());
  } catch {
    // Nothing listens there, or something that is not Temporal's UI.
    return false;
  }
}
