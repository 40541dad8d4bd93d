import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FAILURE_CONVERTER_NAME } from '../../../src/encryption/failure-converter';
import { workflowSource, workflowsFor, writeWorkflowBundle } from '../../../worker/workflow-bundle';

describe('the build', () => {
  it.each([
    { encrypts: false, isTraced: false, file: 'workflow-bundle.js' },
    { encrypts: true, isTraced: false, file: 'workflow-bundle-encrypting.js' },
    { encrypts: false, isTraced: true, file: 'workflow-bundle-traced.js' },
    { encrypts: true, isTraced: true, file: 'workflow-bundle-encrypting-traced.js' },
  ])('has $file for workers with { encrypts: $encrypts, isTraced: $isTraced }', async ({ file, ...choice }) => {
    const dist = join(__dirname, '../../../dist');
    const built: { workflowSource: typeof workflowSource } = await import(join(dist, 'worker/workflow-bundle.js'));
    expect(await built.workflowSource(choice)).toEqual({ workflowBundle: { codePath: join(dist, file) } });
    expect((await readFile(join(dist, file), 'utf8')).includes(FAILURE_CONVERTER_NAME)).toBe(choice.encrypts);
  });
});

describe('the workflow bundle', () => {
  let folder: string;
  let workflowsPath: string;
  let bundlePath: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundle-'));
    workflowsPath = join(folder, 'workflows.js');
    bundlePath = join(folder, 'workflow-bundle.js');
    await symlink(join(__dirname, '../../../node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'greeting.js'), `exports.greeting = 'hello';`);
    await writeFile(workflowsPath, `exports.greet = async () => require('./greeting').greeting;`);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const source = () => workflowSource({ workflowsPath, bundlePath });

  it('is what a worker takes when it is made of the files that are there', async () => {
    expect(await writeWorkflowBundle({ workflowsPath, bundlePath })).toBe(true);
    expect(await source()).toEqual({ workflowBundle: { codePath: bundlePath } });
    expect(await writeWorkflowBundle({ workflowsPath, bundlePath })).toBe(false);
  });

  it('is passed over, and made anew, once a file in it has changed', async () => {
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    await writeFile(join(folder, 'greeting.js'), `exports.greeting = 'good morning';`);
    expect(await source()).toMatchObject({ workflowsPath });
    expect(await writeWorkflowBundle({ workflowsPath, bundlePath })).toBe(true);
    expect(await readFile(bundlePath, 'utf8')).toContain('good morning');
  });

  it('is passed over when another version of the SDK has made it', async () => {
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    const manifestPath = join(folder, 'workflow-bundle.json');
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
    await writeFile(manifestPath, JSON.stringify({ ...manifest, sdkVersion: '0.0.1' }));
    expect(await source()).toMatchObject({ workflowsPath });
  });

  it('is passed over when it is not there, or a file it was made of has gone', async () => {
    expect(await source()).toMatchObject({ workflowsPath });
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    await rm(join(folder, 'greeting.js'));
    expect(await source()).toMatchObject({ workflowsPath });
  });

  it('does not contain the path where it was built', async () => {
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    expect(await readFile(join(folder, 'workflow-bundle.json'), 'utf8')).not.toContain(folder);
  });

  it('has the licences of the packages that it contains next to it', async () => {
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    const notices = await readFile(join(folder, 'workflow-bundle.licences.txt'), 'utf8');
    expect(notices).toMatch(/^@temporalio\/workflow \d+\.\d+\.\d+ \(MIT\)$/m);
    expect(notices).toContain('Permission is hereby granted');
    expect(notices).not.toContain(folder);
  });

  it('of a user is rejected when it was built without the plugin, and lacks the workflows of this project', async () => {
    await writeWorkflowBundle({ workflowsPath, bundlePath });
    await expect(workflowsFor({ workflowBundle: { codePath: bundlePath } }, false)).rejects.toThrow(
      /lacks the workflows .* bundleWorkflowCode\(\{ plugins: \[new AirbytePlugin\(\)\]/,
    );
    const withOurs = { code: 'async function syncConnection() {}' };
    expect(await workflowsFor({ workflowBundle: withOurs }, false)).toEqual({});
  });
});
