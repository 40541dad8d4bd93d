import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { runCli } from '../../cli/program';
import { writeConnectionDocument } from '../../src/documents/write-connection-document';
import { ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';
import { type RecordedTerminal, recordedTerminal } from '../unit/cli/recorded-terminal';

/** A name that colours, rings, sets a title, moves the cursor, turns the text around, and begins lines of its own. */
const EVIL =
  'shop\u001b[31m\u0007\u001b]0;title\u0007\u009b2J\u0085\u0000\u202eevil\u202c\u2066\u200f\u2028next\u2029\u001b[2K\rback\nError: forged\r\n\u001bP1$r\u001b\\end\u007f\ufeff';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

const WORKSPACE = { workspaceId: 'w1', name: `Team ${EVIL}` };
let airbyte: ScriptedAirbyte;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  airbyte.respond({
    'workspaces/list': { workspaces: [WORKSPACE] },
    'sources/list': { sources: [{ sourceId: 's1', name: EVIL, sourceName: EVIL, sourceDefinitionId: EVIL }] },
    'connections/list': {
      connections: [
        { connectionId: 'c1', name: EVIL, status: EVIL },
        { connectionId: EVIL, name: 7 },
      ],
    },
  });
});

afterEach(() => airbyte.stop());

async function run(args: string[], options: { isTTY?: boolean } = {}): Promise<RecordedTerminal & { shown: string }> {
  const terminal = recordedTerminal({ ...options, columns: 200, env: { AIRBYTE_URL: airbyte.url } });
  await runCli(args, terminal);
  return { ...terminal, shown: terminal.stdout.text + terminal.stderr.text };
}

describe('What names and messages of others hold', () => {
  it.each([
    ['a table', ['list', 'sources']],
    ['another table', ['list', 'connections']],
    ['a list of names in an error', ['list', 'sources', '--workspace', 'none']],
    ['a command that does not exist', [EVIL]],
    ['an option that does not exist', ['list', `--${EVIL}`]],
    ['an argument that is none of the choices', ['list', EVIL]],
    ['a workspace that does not exist', ['list', 'sources', '--workspace', EVIL]],
    ['a file that does not exist', ['run', EVIL]],
    ['a connection that does not exist', ['import', EVIL]],
  ])('neither moves the terminal nor begins a line in %s', async (_, args) => {
    for (const isTTY of [false, true]) {
      const { shown } = await run(args, { isTTY });

      expect(shown).not.toMatch(HARMFUL);
      expect(shown).not.toMatch(/^Error: forged/m);
      expect(shown).not.toBe('');
    }
  });

  it('comes as escapes in JSON, and as it was out of that', async () => {
    const { stdout } = await run(['list', 'sources', '--json']);

    expect(stdout.text).not.toMatch(HARMFUL);
    expect(stdout.text).toContain('\\u202e');
    expect(JSON.parse(stdout.text)).toMatchObject({ sources: [{ name: EVIL }] });
  });

  it('is harmless in the message of an error, and in JSON', async () => {
    airbyte.script = () => ({ status: 400, body: { message: EVIL } });

    const { shown } = await run(['list', 'sources']);
    const { stdout } = await run(['list', 'sources', '--json']);

    expect(shown).toContain('shop');
    expect(shown + stdout.text).not.toMatch(HARMFUL);
    expect(shown).not.toMatch(/^Error: forged/m);
  });

  it('comes as escapes in a document that is imported, and as it was out of that', () => {
    const configuration = { host: EVIL };
    const document = {
      name: 'shop',
      workspace: 'w1',
      source: { name: `${EVIL}.`, definition: 'Postgres', configuration },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
      connection: {
        name: 'shop',
        streams: [{ name: EVIL, syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
      },
    };

    const text = writeConnectionDocument(
      { document, secrets: [], notes: [`A note of ${EVIL}`] } as unknown as Parameters<
        typeof writeConnectionDocument
      >[0],
      `the connection ${EVIL}`,
    );

    expect(text).not.toMatch(HARMFUL);
    expect(text).not.toMatch(/^Error: forged/m);
    expect(parse(text)).toEqual(document);
  });
});
