import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte';
import type { AirbyteAuth } from '../../src/airbyte/auth';
import { readOutcome } from '../../src/jobs/job-outcome';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { MASK } from '../../src/text/masking/mask';
import { SECRET_ENCODINGS } from '../support/secret-encodings';
import { ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';

const OWN = 'Kq7"x&=9+Z w';
const TOKEN = 'tok-Wm4tRz9.qX';
const LENT = 'cS-8Lq2vT&0y';

let airbyte: ScriptedAirbyte;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
});

afterEach(() => airbyte.stop());

it.each<[string, AirbyteAuth]>([
  ['a password', { kind: 'basic', username: 'worker', password: OWN }],
  ['a token', { kind: 'bearer', token: TOKEN }],
])('polls that fail, and the job that they end with, tell no form of a secret: %s', async (_, auth) => {
  const client = new AirbyteClient({ url: airbyte.url, auth, secrets: () => [{ name: 'SECRET', value: LENT }] });
  const logged: string[] = [];
  const logger = { info: (text: string) => logged.push(text), warn: (text: string) => logged.push(text) };
  const jobs = new JobWatcher({ airbyte: client, pollIntervalMs: 5, logger });
  const own = auth.kind === 'basic' ? OWN : TOKEN;
  const forms = Object.entries(SECRET_ENCODINGS).flatMap(([name, write]) =>
    [own, LENT].map((secret) => ({ name, text: write(secret) })),
  );
  let polls = 0;
  // Each poll fails with other forms, and with what it was sent; then the job has failed with all of them.
  airbyte.script = ({ headers }) => {
    const some = forms.slice(polls * 8, (polls + 1) * 8).map(({ text }) => text);
    polls += 1;
    if (some.length > 0) return { status: 500, body: { message: [headers.authorization, ...some].join(' , ') } };
    const failures = forms.map(({ text }) => ({
      failureOrigin: 'source',
      externalMessage: text,
      internalMessage: text,
    }));
    const attempt = { id: 0, status: 'failed', failureSummary: { failures }, streamStats: [] };
    return {
      body: {
        job: {
          ...{ id: 7, configType: 'sync', configId: 'c1', status: 'failed' },
          streamAggregatedStats: forms.map(({ text }) => ({
            streamName: text,
            streamNamespace: text,
            recordsCommitted: 1,
          })),
        },
        attempts: [{ attempt, logs: { logLines: forms.slice(-20).map(({ text }) => text) } }],
      },
    };
  };

  const job = await jobs.wait({ jobId: 7, connectionId: 'c1' });

  await client.close();
  const told = [...logged, JSON.stringify([job, readOutcome(job)])].join('\n');
  expect(told).toContain(MASK);
  const needles = [OWN, TOKEN, LENT].flatMap((secret) => [
    ...Object.entries(SECRET_ENCODINGS).flatMap(([name, write]) => (/base64|Basic/.test(name) ? [] : [write(secret)])),
    Buffer.from(`worker:${secret}`).toString('base64').slice(10, -4),
    Buffer.from(secret).toString('base64').slice(0, -4),
  ]);
  expect(needles.filter((needle) => told.toLowerCase().includes(needle.toLowerCase()))).toEqual([]);
  expect(logged.length).toBeGreaterThan(1);
});
