/** A Kubernetes API server (over etcd) to which manifests can be applied. It runs no containers. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../tools/free-ports';
import { programOnPath } from '../../tools/program-on-path';
import { SupervisedProcess } from '../../tools/supervised-process';
import { until } from './until';

const run = promisify(execFile);
const HOST = '127.0.0.1';
/** Manifests and CRDs are large. */
const MAXIMUM_OUTPUT_BYTES = 64 * 2 ** 20;

/** The programs of an API server. */
export interface KubernetesPrograms {
  etcd: string;
  apiserver: string;
  kubectl: string;
}

/** @returns the programs, or the names of those that are not on `PATH` */
export function findKubernetes(): KubernetesPrograms | string[] {
  const found = { etcd: 'etcd', apiserver: 'kube-apiserver', kubectl: 'kubectl' } as const;
  const [etcd, apiserver, kubectl] = [found.etcd, found.apiserver, found.kubectl].map((name) => programOnPath(name));
  if (etcd !== undefined && apiserver !== undefined && kubectl !== undefined) return { etcd, apiserver, kubectl };
  return Object.values(found).filter((name) => programOnPath(name) === undefined);
}

export interface KubectlResult {
  stdout: string;
  stderr: string;
  ok: boolean;
}

export class Kubernetes {
  private constructor(
    private readonly folder: string,
    private readonly processes: readonly SupervisedProcess[],
    private readonly kubectlProgram: string,
    private readonly access: readonly string[],
  ) {}

  static async start({ etcd, apiserver, kubectl }: KubernetesPrograms): Promise<Kubernetes> {
    const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
    const [clients, peers, port] = await freePorts(3);
    const token = randomBytes(16).toString('hex');
    const tokens = join(folder, 'tokens.csv');
    await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    const keys = await writeKeys(folder);
    const store = `http://${HOST}:${clients}`;
    const processes = [
      new SupervisedProcess({
        name: 'etcd',
        file: etcd,
        args: [
          ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync'],
          ...['--listen-client-urls', store, '--advertise-client-urls', store],
          ...[
            '--listen-peer-urls',
            `http://${HOST}:${peers}`,
            '--initial-advertise-peer-urls',
            `http://${HOST}:${peers}`,
          ],
          ...['--initial-cluster', `default=http://${HOST}:${peers}`],
        ],
      }),
      new SupervisedProcess({
        name: 'kube-apiserver',
        file: apiserver,
        args: [
          ...['--etcd-servers', store, '--bind-address', HOST, '--secure-port', String(port)],
          ...['--cert-dir', join(folder, 'certificates'), '--service-cluster-ip-range', '10.0.0.0/24'],
          ...['--service-account-issuer', 'https://kubernetes.invalid'],
          ...['--service-account-signing-key-file', keys.private, '--service-account-key-file', keys.public],
          ...['--token-auth-file', tokens, '--authorization-mode', 'RBAC'],
          // No controller makes the ServiceAccount of a namespace here.
          ...['--disable-admission-plugins', 'ServiceAccount'],
        ],
      }),
    ];
    const access = ['--server', `https://${HOST}:${port}`, '--token', token, '--insecure-skip-tls-verify'];
    const kubernetes = new Kubernetes(folder, processes, kubectl, access);
    const ended = processes.map((process) =>
      process.exited.then(() => {
        throw new Error(`A process of Kubernetes ended before it was ready: ${process.outputTail}`);
      }),
    );
    let isOver = false;
    try {
      const ready = until(async () => isOver || (await kubernetes.kubectl(['get', '--raw', '/readyz'])).ok);
      await Promise.race([ready, ...ended]);
    } catch (error) {
      await kubernetes.stop();
      throw error;
    } finally {
      isOver = true;
    }
    return kubernetes;
  }

  /** @param manifest what `-f -` reads */
  async kubectl(args: readonly string[], manifest?: string): Promise<KubectlResult> {
    const options = { env: { ...process.env, KUBECONFIG: '/dev/null' }, maxBuffer: MAXIMUM_OUTPUT_BYTES };
    const running = run(this.kubectlProgram, [...this.access, ...args], options);
    running.child.stdin?.end(manifest ?? '');
    return running.then(
      ({ stdout, stderr }) => ({ stdout, stderr, ok: true }),
      ({ stdout, stderr, message }) => ({ stdout: stdout ?? '', stderr: stderr || message, ok: false }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function writeKeys(folder: string): Promise<{ private: string; public: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = { private: join(folder, 'accounts.key'), public: join(folder, 'accounts.pub') };
  await writeFile(files.private, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(files.public, publicKey.export({ type: 'spki', format: 'pem' }));
  return files;
}

/** A definition of the API server's OpenAPI document. */
interface Definition {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/**
 * Writes the JSON Schemas of all kinds that an API server knows, as kubeconform reads them (`{kind}-{group}-{version}.json`), with no
 * fields but those that they name.
 *
 * @returns what kubeconform calls their location
 */
export async function writeSchemas(kubernetes: Kubernetes, folder: string): Promise<string> {
  const { stdout, ok, stderr } = await kubernetes.kubectl(['get', '--raw', '/openapi/v2']);
  if (!ok) throw new Error(`The API server has no OpenAPI document: ${stderr}`);
  const { definitions } = JSON.parse(stdout) as { definitions: Record<string, Definition> };
  closeObjects(definitions);
  // Quantities and ports may be numbers as well as texts, which the OpenAPI document of version 2 cannot say.
  const either = { oneOf: [{ type: 'string' }, { type: 'number' }] };
  definitions['io.k8s.apimachinery.pkg.api.resource.Quantity'] = either as Definition;
  definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString'] = either as Definition;
  await writeFile(join(folder, 'definitions.json'), JSON.stringify({ definitions }));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const file = [kind, group.split('.')[0], version].filter(Boolean).join('-').toLowerCase();
      const schema = { $ref: `definitions.json#/definitions/${name}` };
      await writeFile(join(folder, `${file}.json`), JSON.stringify(schema));
    }
  }
  return join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');
}

function closeObjects(node: unknown): void {
  if (node === null || typeof node !== 'object') return;
  for (const value of Object.values(node)) closeObjects(value);
  const { properties, additionalProperties, ...rest } = node as Definition;
  if (properties === undefined || typeof properties !== 'object' || additionalProperties !== undefined) return;
  if (rest['x-kubernetes-preserve-unknown-fields'] === true) return;
  // A property may itself be called `properties`: only schemas have a type.
  if ((node as { type?: unknown }).type === 'object') (node as Definition).additionalProperties = false;
}
