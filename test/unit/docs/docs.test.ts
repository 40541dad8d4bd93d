import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { exitCodeOfFailureType } from '../../../cli/exit-codes';
import { FAILURE_TYPES } from '../../../src/contract/failure-types';
import { syncConnectionInputSchema } from '../../../src/contract/sync-options';
import { webhookRoutesSchema } from '../../../src/contract/webhook-routes';
import { parseDocumentWith, parseFleetDocument, parsePipelineDocument } from '../../../src/documents/parse-document';
import { secretRulesSchema } from '../../../src/secrets/secret-rules';

const ROOT = join(__dirname, '..', '..', '..');
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** Without the blanks that line up the columns of tables. */
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8').replace(/ +\|/g, ' |');

/** The blocks of a language in all the texts, with where they are from. */
const snippets = (language: string) =>
  DOCUMENTS.flatMap((document) => {
    const blocks = textOf(document).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'));
    return [...blocks].map(([, text = ''], index) => ({ name: `${document}, no. ${index + 1}`, text }));
  });

/** The anchors that a Markdown file has, as GitHub makes them of its headings. */
function anchorsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('links to files and headings that are there', () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
    for (const link of links) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      expect({ link, exists: existsSync(join(ROOT, target)) }).toEqual({ link, exists: true });
      if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
    }
  });
});

it.each(FAILURE_TYPES)('docs/failures.md says what to do about %s, and its exit code', (type) => {
  expect(textOf('docs/failures.md')).toMatch(
    new RegExp(`^\\| \`${type}\` \\|.*\\| ${exitCodeOfFailureType(type)} \\|$`, 'm'),
  );
});

it('every guide is listed in the README', () => {
  for (const document of DOCUMENTS.slice(1)) expect(textOf('README.md')).toContain(`(${document})`);
});

it('docs/migrate.md gives options values that they take', () => {
  const given = [...textOf('docs/migrate.md').matchAll(/`([a-z][A-Za-z]+): (\w+)`/g)];
  expect(given.length).toBeGreaterThan(2);
  for (const [text, option = '', value] of given) {
    const { success } = syncConnectionInputSchema().safeParse({ connectionId: 'any', [option]: value });
    expect({ text, success }).toEqual({ text, success: true });
  }
});

const isRules = ({ text }: { text: string }) => text.startsWith('- ');
const isRoutes = ({ text }: { text: string }) => /^routes:/m.test(text);

const isValues = ({ name }: { name: string }) => name.startsWith('docs/kubernetes.md');
const isScrapes = ({ text }: { text: string }) => text.startsWith('scrape_configs:');
const isPipelineOrFleet = (each: { name: string; text: string }) =>
  !isRules(each) && !isRoutes(each) && !isValues(each) && !isScrapes(each);

it.each(snippets('yaml').filter(isValues))('the values in $name are of the chart', ({ text }) => {
  const known = parse(textOf('deploy/helm/temporal-airbyte/values.yaml'));
  expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(parse(text))));
});

it.each(snippets('yaml').filter(isScrapes))('the scrapes in $name have targets', ({ text }) => {
  for (const scrape of parse(text).scrape_configs) expect(scrape.static_configs[0].targets).not.toEqual([]);
});

it.each(snippets('yaml').filter(isRules))('the rules in $name are such', ({ name, text }) => {
  expect(parseDocumentWith(secretRulesSchema, text, name)).not.toEqual([]);
});

it.each(snippets('yaml').filter(isRoutes))('the routes in $name are such', ({ name, text }) => {
  expect(parseDocumentWith(webhookRoutesSchema(), text, name).routes).not.toEqual([]);
});

it.each(snippets('yaml').filter(isPipelineOrFleet))('the document in $name is one', ({ name, text }) => {
  const parseDocument = /^fleet:/m.test(text) ? parseFleetDocument : parsePipelineDocument;
  expect(parseDocument(text, name).name).toMatch(/./);
});

it('the TypeScript of the guides compiles', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'snippets-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const config = { extends: join(ROOT, 'tsconfig.json'), include: ['*.ts'], compilerOptions: { rootDir: '/' } };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const all = snippets('ts');
    expect(all.length).toBeGreaterThan(2);
    for (const [index, { text }] of all.entries()) await writeFile(join(folder, `snippet-${index}.ts`), text);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
