import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SCRIPT = join(__dirname, '..', '..', '..', 'scripts', 'licences.js');

function licences(...folder: string[]) {
  return spawnSync(process.execPath, [SCRIPT, ...folder], { encoding: 'utf8' });
}

describe('npm run licences', () => {
  it('permits every package that is needed to run', () => {
    const { status, stdout, stderr } = licences();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^MIT \(\d{2,}\): .*zod@/m);
    expect(stdout).toMatch(/^Apache-2\.0 \(\d+\): /m);
    // Only development needs it.
    expect(stdout).not.toContain('typescript@');
  });

  it('fails on a licence that is not permitted, or unknown, and names the packages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'licences-'));
    const packages = {
      '': { version: '1.0.0' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      'node_modules/link': { link: true },
      'node_modules/@scope/one': { version: '1.0.0', license: 'Apache-2.0 AND MIT' },
      'node_modules/choice': { version: '1.0.0', license: '(GPL-3.0-only OR MIT)' },
      'node_modules/installed': { version: '2.0.0' },
      'node_modules/both': { version: '1.0.0', license: 'MIT AND GPL-3.0-only' },
      'node_modules/@scope/one/node_modules/nested': { version: '1.0.0' },
    };
    try {
      writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
      mkdirSync(join(folder, 'node_modules', 'installed'), { recursive: true });
      writeFileSync(join(folder, 'node_modules', 'installed', 'package.json'), JSON.stringify({ license: 'ISC' }));
      const { status, stdout, stderr } = licences(folder);
      expect(status).toBe(1);
      expect(stdout).toContain('ISC (1): installed@2.0.0\n');
      expect(stderr.trim().split('\n').sort()).toEqual([
        'Not permitted: MIT AND GPL-3.0-only, the licence of both@1.0.0',
        'Not permitted: unknown, the licence of nested@1.0.0',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
