import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { unknownVariables } from '../../src/configuration/unknown-variables';
import { programOnPath } from '../../tools/program-on-path';
import { findKubernetes, Kubernetes, writeSchemas } from '../support/kubernetes';

const run = promisify(execFile);

const ROOT = join(__dirname, '..', '..');
const CHART = join(ROOT, 'deploy', 'helm', 'temporal-airbyte');
const NAMESPACE = 'data';
/** The oldest Kubernetes that the chart takes. A helm that Go has installed knows none. */
const OLDEST = ['--kube-version', '1.27.0'];
const TIMEOUT_MS = 180_000;

const helm = programOnPath('helm');
const kubeconform = programOnPath('kubeconform');
const kubernetesPrograms = findKubernetes();
/** The CRDs of the Temporal Worker Controller, KEDA and the Prometheus Operator, as YAML files. */
const crdFolder = process.env['KUBERNETES_CRD_DIR'];

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has other fields, which the API server checks
  spec?: any;
  data?: Record<string, string>;
}

interface EnvVariable {
  name: string;
  value?: string;
}

interface VolumeMount {
  name: string;
  mountPath: string;
}

const required = {
  temporal: { address: 'temporal-frontend.temporal.svc:7233' },
  airbyte: { url: 'http://airbyte-server.airbyte.svc:8001/api/v1' },
};

const everything = {
  image: { repository: 'registry.example.com/temporal-airbyte', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  temporal: {
    address: 'shop.a1b2c.tmprl.cloud:7233',
    namespace: 'shop.a1b2c',
    apiKey: { secretName: 'temporal-api-key' },
    serverCa: { configMapName: 'company-ca' },
  },
  airbyte: {
    url: 'https://airbyte.example.com/api/v1',
    name: 'production',
    auth: { secretName: 'airbyte', keys: { clientId: 'client-id', clientSecret: 'client-secret' } },
  },
  secrets: { secretName: 'pipelines', rules: [{ secrets: 'file:shop-*', hosts: ['db.internal'] }] },
  encryption: { secretName: 'codec-keys' },
  env: [{ name: 'AIRBYTE_MAX_REQUESTS_PER_SECOND', value: '10' }],
  webhook: {
    enabled: true,
    secretName: 'webhook',
    routes: [{ tag: 'critical', on: 'failure', workflow: 'pageOnCall', taskQueue: 'operations' }],
  },
  metrics: {
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true },
  },
  networkPolicy: {
    enabled: true,
    egress: [
      {
        ports: [
          { protocol: 'TCP', port: 7233 },
          { protocol: 'TCP', port: 443 },
        ],
      },
    ],
    webhookFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'airbyte' } } }],
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
  },
  serviceAccount: { name: 'workers' },
  podAnnotations: { 'example.com/team': 'data' },
  podLabels: { team: 'data' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  extraVolumes: [{ name: 'keys', secret: { secretName: 'keys' } }],
  extraVolumeMounts: [{ name: 'keys', mountPath: '/etc/keys', readOnly: true }],
};

/** The ways to use the chart that docs/kubernetes.md describes. */
const VARIANTS: Readonly<Record<string, object>> = {
  'with what is required alone': required,
  'with everything': everything,
  'with a client certificate and KEDA': {
    ...required,
    temporal: {
      ...required.temporal,
      clientCertificate: { secretName: 'temporal-client' },
      serverCa: { secretName: 'temporal-ca' },
    },
    autoscaling: { enabled: true, maxReplicas: 8 },
  },
  'with the Temporal Worker Controller': {
    ...everything,
    mode: 'controller',
    controller: { rollout: { strategy: 'Progressive', steps: [{ rampPercentage: 10, pauseDuration: '5m' }] } },
  },
  'with a Connection that exists': {
    ...required,
    mode: 'controller',
    controller: { connectionName: 'temporal-cloud' },
  },
};

/** Runs the tests where these programs are on PATH; else reports which are missing. */
function withPrograms(missing: readonly string[], name: string, tests: () => void): void {
  if (missing.length === 0) describe(name, tests);
  else describe(name, () => it.skip(`NOT TESTED: there is no ${missing.join(' and no ')} on PATH`, () => undefined));
}

const missingHelm = helm === undefined ? ['helm'] : [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function valuesFile(values: object): Promise<string> {
  const file = join(folder, 'values.yaml');
  await writeFile(file, stringify(values));
  return file;
}

async function template(values: object): Promise<Manifest[]> {
  const args = [
    'template',
    'airbyte',
    CHART,
    ...OLDEST,
    '--namespace',
    NAMESPACE,
    '--values',
    await valuesFile(values),
  ];
  const { stdout } = await run(helm ?? '', args, { maxBuffer: 2 ** 24 });
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}

const find = (manifests: readonly Manifest[], kind: string) => {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`The chart makes no ${kind}`);
  return found;
};

withPrograms(missingHelm, 'the Helm chart', () => {
  it.each(Object.entries(VARIANTS))('passes helm lint %s', async (_, values) => {
    await run(helm ?? '', ['lint', '--strict', CHART, ...OLDEST, '--values', await valuesFile(values)]);
  });

  it.each<[string, object, RegExp]>([
    ['without an address of Temporal', { ...required, temporal: {} }, /temporal.*address/s],
    ['with a value that it does not know', { ...required, replica: 3 }, /replica/],
    ['with KEDA and no worker', { ...required, autoscaling: { enabled: true, minReplicas: 0 } }, /minReplicas/],
    [
      'with KEDA and the controller',
      { ...required, mode: 'controller', autoscaling: { enabled: true } },
      /autoscaling/,
    ],
    ['with a webhook without a secret', { ...required, webhook: { enabled: true } }, /webhook/],
    ['with a network policy that lets nothing out', { ...required, networkPolicy: { enabled: true } }, /egress/],
    [
      'with half of a pair of credentials',
      { ...required, airbyte: { ...required.airbyte, auth: { secretName: 'airbyte', keys: { username: 'user' } } } },
      /auth/,
    ],
    [
      'with steps missing from a progressive rollout',
      { ...required, mode: 'controller', controller: { rollout: { strategy: 'Progressive' } } },
      /steps/,
    ],
  ])('rejects values %s, and says which', async (_, values, reason) => {
    await expect(template(values)).rejects.toThrow(reason);
  });

  it('runs workers of one build at a time without versions, and names its version by default', async () => {
    const { spec } = find(await template(required), 'Deployment');
    expect(spec).toMatchObject({ replicas: 2, strategy: { type: 'Recreate' } });
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(spec.template.spec.containers[0].image).toBe(`temporal-airbyte:${version}`);
    const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, string>;
    expect(chart).toMatchObject({ version, appVersion: version });
  });

  it('sets variables that the worker reads, gives it the files that they name, and has no secret as a value', async () => {
    for (const values of Object.values(VARIANTS)) {
      const manifests = await template(values);
      const pods = manifests.flatMap(({ kind, spec }) => (kind === 'Pod' ? [spec] : (spec?.template?.spec ?? [])));
      expect(pods.length).toBeGreaterThan(0);
      for (const { containers, volumes } of pods) {
        const { env, volumeMounts } = containers[0] as { env: EnvVariable[]; volumeMounts: VolumeMount[] };
        for (const { name, value } of env) {
          expect(unknownVariables({ [name]: 'set' })).toEqual([]);
          if (/(API_KEY|SECRET|PASSWORD|TOKEN)$/.test(name)) {
            expect({ name, value }).toEqual({ name, value: undefined });
          }
          if (value?.startsWith('/etc/')) {
            expect(volumeMounts.filter(({ mountPath }) => value.startsWith(mountPath))).toHaveLength(1);
          }
        }
        const mounted = volumeMounts.map(({ name }) => name).sort();
        expect((volumes as { name: string }[]).map(({ name }) => name).sort()).toEqual(mounted);
      }
    }
    const { containers } = find(await template(everything), 'Pod').spec;
    const keys = { name: 'AIRBYTE_CODEC_KEYS_FILE', value: '/etc/temporal-airbyte/encryption/codec-keys' };
    expect(containers[0].env).toContainEqual(keys);
  });

  it('lets the controller say where Temporal is, once', async () => {
    const { spec } = find(await template(VARIANTS['with the Temporal Worker Controller'] ?? {}), 'WorkerDeployment');
    const names = (spec.template.spec.containers[0].env as { name: string }[]).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('TEMPORAL_'))).toEqual([
      'TEMPORAL_TLS',
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ]);
    expect(spec.rollout.gate).toEqual({ workflowType: 'checkAirbyte' });
  });

  it('starts new workers for new rules and routes', async () => {
    const checksumOf = async (values: object) =>
      find(await template(values), 'Deployment').spec.template.metadata.annotations['checksum/config'];
    const changed = { ...everything, secrets: { ...everything.secrets, rules: [{ secrets: 'file:*' }] } };
    expect(await checksumOf(changed)).not.toBe(await checksumOf(everything));
  });

  it('has the alerts of deploy/prometheus', async () => {
    const rules = parse(await readFile(join(ROOT, 'deploy', 'prometheus', 'rules.yaml'), 'utf8')) as object;
    expect(find(await template(everything), 'PrometheusRule').spec).toEqual(rules);
  });
});

const missingServer = [...missingHelm, ...(Array.isArray(kubernetesPrograms) ? kubernetesPrograms : [])];

withPrograms(missingServer, 'a Kubernetes API server', () => {
  let kubernetes: Kubernetes;
  let schemas: string;
  let crds: string[];

  beforeAll(async () => {
    if (Array.isArray(kubernetesPrograms)) return;
    kubernetes = await Kubernetes.start(kubernetesPrograms);
    crds = crdFolder !== undefined && existsSync(crdFolder) ? await readdir(crdFolder) : [];
    for (const file of crds) {
      const { ok, stderr } = await kubernetes.kubectl(['create', '-f', join(crdFolder ?? '', file)]);
      if (!ok) throw new Error(`${file}: ${stderr}`);
    }
    if (crds.length > 0) await kubernetes.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    const level = (mode: string) => `pod-security.kubernetes.io/${mode}: restricted`;
    const labels = ['enforce', 'warn'].map((mode) => `    ${level(mode)}`).join('\n');
    const namespace = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n  labels:\n${labels}\n`;
    expect(await kubernetes.kubectl(['create', '-f', '-'], namespace)).toMatchObject({ ok: true });
    schemas = await writeSchemas(kubernetes, folder);
  }, TIMEOUT_MS);
  afterAll(() => kubernetes?.stop());

  const isBuiltIn = ({ apiVersion }: Manifest) =>
    !/^(temporal\.io|keda\.sh|monitoring\.coreos\.com)\//.test(apiVersion);

  const dryRun = (manifests: readonly object[]) =>
    kubernetes.kubectl(
      ['create', '--dry-run=server', '--validate=strict', '--namespace', NAMESPACE, '-f', '-'],
      manifests.map((manifest) => stringify(manifest)).join('---\n'),
    );

  it.each(Object.entries(VARIANTS))('takes what the chart makes %s, without a warning', async (_, values) => {
    const manifests = (await template(values)).filter((manifest) => crds.length > 0 || isBuiltIn(manifest));
    const { ok, stdout, stderr } = await dryRun(manifests);
    expect({ ok, stderr }).toEqual({ ok: true, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(manifests.length);
  });

  if (crdFolder === undefined) {
    it.skip('NOT TESTED: the kinds of the controller, of KEDA and of Prometheus: KUBERNETES_CRD_DIR names no folder of CRDs', () =>
      undefined);
  }

  it('lets the pods of a WorkerDeployment run where the restricted standard is enforced', async () => {
    const { spec } = find(await template(VARIANTS['with the Temporal Worker Controller'] ?? {}), 'WorkerDeployment');
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'worker' }, spec: spec.template.spec };
    expect(await dryRun([pod])).toMatchObject({ ok: true, stderr: '' });
    const { securityContext, ...rest } = pod.spec;
    expect(securityContext).toBeDefined();
    expect(await dryRun([{ ...pod, spec: rest }])).toMatchObject({ ok: false });
  });

  it('takes the example of a CronJob, without a warning', async () => {
    const cronJob = parse(await readFile(join(ROOT, 'examples/kubernetes/cronjob.yaml'), 'utf8')) as object;
    expect(await dryRun([cronJob])).toMatchObject({ ok: true, stderr: '' });
  });

  if (kubeconform === undefined) {
    it.skip('NOT TESTED: there is no kubeconform on PATH', () => undefined);
  } else {
    it.each(Object.entries(VARIANTS))('has schemas that what the chart makes %s conforms to', async (_, values) => {
      const manifests = (await template(values)).filter((manifest) => crds.length > 0 || isBuiltIn(manifest));
      const file = join(folder, 'manifests.yaml');
      await writeFile(file, manifests.map((manifest) => stringify(manifest)).join('---\n'));
      const { stdout } = await run(kubeconform, ['-strict', '-summary', '-schema-location', schemas, file]);
      expect(stdout).toContain(`Valid: ${manifests.length}, Invalid: 0, Errors: 0, Skipped: 0`);
    });
  }
});
