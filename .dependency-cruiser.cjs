/**
 * The folders that each folder may import from. `npm run check` fails on any other import, on an import that points up, and
 * on a cycle. What each folder holds is in docs/architecture.md.
 *
 * A folder is left out of its own list; imports of types count as well.
 */
const HOUSE = {
  'src/async': [],
  'src/text': [],
  'src/contract': ['src/text'],
  'src/airbyte': ['src/contract', 'src/text', 'src/async'],
  'src/configuration': ['src/airbyte', 'src/contract', 'src/text'],
  'src/encryption': ['src/configuration', 'src/text', 'src/async'],
  'src/temporal': ['src/encryption', 'src/contract', 'src/text', 'src/async'],
  'src/documents': ['src/airbyte', 'src/contract', 'src/text'],
  'src/secrets': ['src/documents', 'src/configuration', 'src/airbyte', 'src/contract', 'src/text'],
  'src/details': ['src/airbyte', 'src/contract', 'src/text'],
  'src/jobs': ['src/temporal', 'src/airbyte', 'src/contract', 'src/text', 'src/async'],
  'src/webhooks': [
    ...['src/jobs', 'src/documents', 'src/configuration'],
    ...['src/airbyte', 'src/contract', 'src/text', 'src/async'],
  ],
  'src/fleet': ['src/contract', 'src/text'],
  'src/schedules': ['src/temporal', 'src/details', 'src/contract', 'src/text'],
  'src/reconcile': [
    ...['src/schedules', 'src/jobs', 'src/secrets', 'src/documents'],
    ...['src/temporal', 'src/airbyte', 'src/contract', 'src/text'],
  ],
  activities: ['src'],
  workflows: ['activities', 'src'],
  worker: ['workflows', 'activities', 'src'],
  testing: ['worker', 'workflows', 'activities', 'src'],
  tools: ['src'],
  cli: ['worker', 'tools', 'workflows', 'activities', 'src'],
  sandbox: [],
};

/** Packages that a folder must do without, so that it can be used, and tested, without them. */
const WITHOUT = {
  'src/text': ['@temporalio/.*', 'undici', 'zod'],
  'src/contract': ['@temporalio/(activity|client|worker)', 'undici'],
  'src/airbyte': ['@temporalio/.*'],
  'src/reconcile': ['@temporalio/(activity|workflow|worker)'],
  workflows: ['@temporalio/(activity|client|worker)', 'undici'],
};

const inFolder = (folder) => `^${folder}/`;
const OURS = ['src', 'activities', 'workflows', 'worker', 'testing', 'tools', 'cli', 'sandbox', 'bench', 'test'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(HOUSE).map(([folder, below]) => ({
      name: `${folder} imports from ${below.join(', ') || 'no other folder'}`,
      severity: 'error',
      from: { path: inFolder(folder) },
      to: { path: `^(${OURS.join('|')})/`, pathNot: [folder, ...below].map(inFolder) },
    })),
    ...Object.entries(WITHOUT).map(([folder, packages]) => ({
      name: `${folder} does without ${packages.join(', ')}`,
      severity: 'error',
      from: { path: inFolder(folder) },
      to: { path: `(^|/)node_modules/(${packages.join('|')})/` },
    })),
    { name: 'no import cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    // The TypeScript compiler no longer has an API to read imports with; SWC reads them, those of types included.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
