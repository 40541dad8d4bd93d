import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliError } from '../../../../cli/cli-error';
import type { ExitCode } from '../../../../cli/exit-codes';
import { forEachDocument, readDocuments, throwWorstOutcome } from '../../../../cli/lookup/document-files';
import { Output } from '../../../../cli/render/output';
import { documentWith } from '../../contract/typical-document';
import { recordedTerminal } from '../recorded-terminal';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'document-files-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, changes: Record<string, unknown> = { name }): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(documentWith(changes)));
  return path;
}

const failing = (exitCode: ExitCode) => async () => {
  throw new CliError(exitCode, 'Failed', 'It failed.');
};

/** Does something else about each of three documents. */
async function acted(...acts: (() => Promise<string>)[]) {
  const files = await Promise.all(acts.map((_, nth) => file(`acted-${nth}`)));
  const terminal = recordedTerminal();
  const documents = await readDocuments(files);
  let nth = 0;
  const outcomes = await forEachDocument(new Output(terminal, false), documents, () => acts[nth++]?.() ?? failing(1)());
  return { outcomes, terminal };
}

function endOf(outcomes: Parameters<typeof throwWorstOutcome>[0]): unknown {
  try {
    return throwWorstOutcome(outcomes);
  } catch (error) {
    return error;
  }
}

describe('several documents', () => {
  it('are all read before the command acts, and all problems are reported together', async () => {
    const good = await file('good');
    const bad = await file('bad', { name: 'bad', soruce: {} });
    const reading = readDocuments([good, bad, join(folder, 'missing.yaml')]);
    await expect(reading).rejects.toMatchObject({ exitCode: 2, type: 'InvalidInput' });
    await expect(reading).rejects.toThrow(/bad\.json.* soruce: is not a known key; did you mean source\?/);
    await expect(reading).rejects.toThrow(/missing\.yaml: the file does not exist/);
  });

  it('are rejected when two define one pipeline', async () => {
    const files = [await file('one', { name: 'same' }), await file('two', { name: 'same' })];
    await expect(readDocuments(files)).rejects.toThrow(/one\.json and .*two\.json both define the pipeline 'same'/);
  });

  it('may define a pipeline and a fleet of one name', async () => {
    const fleet = join(folder, 'same-fleet.json');
    await writeFile(fleet, JSON.stringify({ fleet: 'same', connections: ['crm'] }));
    const documents = await readDocuments([await file('same-pipeline', { name: 'same' }), fleet], { takeOver: true });
    expect(documents).toMatchObject([
      { kind: 'pipeline', document: { name: 'same', takeOver: true } },
      { kind: 'fleet', document: { name: 'same', connections: [{ connection: 'crm' }] } },
    ]);
    await expect(readDocuments([fleet, fleet])).rejects.toThrow(/both define the fleet 'same'/);
  });

  it('have each their turn, also after one that failed, and the worst decides', async () => {
    const { outcomes, terminal } = await acted(failing(1), async () => 'done', failing(2));
    expect(outcomes).toMatchObject([{ error: { exitCode: 1 } }, { result: 'done' }, { error: { exitCode: 2 } }]);
    expect(terminal.stderr.text).toContain('acted-1.json (2 of 3)');
    expect(endOf(outcomes)).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^2 of 3 documents failed: /),
    });
  });

  it.each([3, 130] as const)('are left after exit code %d, which the next would end with too', async (exitCode) => {
    const { outcomes } = await acted(failing(exitCode), async () => 'done');
    expect(outcomes).toMatchObject([{ error: { exitCode } }, { notStarted: true }]);
    expect(endOf(outcomes)).toMatchObject({ exitCode, message: expect.stringContaining('(not started)') });
  });

  it('end well when all have', async () => {
    const { outcomes } = await acted(
      async () => 'one',
      async () => 'two',
    );
    expect(endOf(outcomes)).toBeUndefined();
  });

  it('that are one alone fail as that one does', async () => {
    await expect(acted(failing(3))).rejects.toMatchObject({ exitCode: 3, message: 'It failed.' });
  });
});
