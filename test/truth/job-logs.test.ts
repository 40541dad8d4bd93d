import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { LOG_TRUNCATED_NOTICE, MAXIMUM_LOG_BYTES } from '../../src/airbyte/http/body-readers';
import { readOutcome } from '../../src/jobs/job-outcome';
import { airbyte, client } from '../unit/airbyte/scripted-client';

const failureSummary = { failures: [{ failureOrigin: 'source', externalMessage: 'relation "orders" does not exist' }] };
const JOB = {
  id: 7,
  configType: 'sync',
  configId: 'c',
  status: 'failed',
  createdAt: 1_700_000_000,
  updatedAt: 1_700_000_600,
};
const attempt = (id: number) => ({ id, status: 'failed', failureSummary });
const KILOBYTE = 'x'.repeat(1_000);

/** Sends a job with logs of so many lines of a kilobyte, one attempt after the other, as fast as they are taken. */
async function sendJob(response: ServerResponse, linesOfAttempts: number[], isText = true): Promise<number> {
  response.writeHead(200, { 'content-type': 'application/json' });
  const closed = once(response, 'close');
  let sent = 0;
  const send = async (text: string) => {
    sent += text.length;
    if (!response.destroyed && !response.write(text)) await Promise.race([once(response, 'drain'), closed]);
  };
  await send(`{"job":${JSON.stringify(JOB)},"attempts":[`);
  for (const [id, lines] of linesOfAttempts.entries()) {
    await send(
      `${id > 0 ? ',' : ''}{"attempt":${JSON.stringify(attempt(id))},"logs":{"${isText ? 'logLines' : 'events'}":[`,
    );
    for (let line = 0; line < lines && !response.destroyed; line++) {
      const text = `attempt ${id} line ${line} [{",\\ ${KILOBYTE}`;
      const element = isText ? text : { level: 'info', message: text, logSource: 'platform', caller: { names: ['a'] } };
      await send(`${line > 0 ? ', ' : ''}${JSON.stringify(element)}`);
    }
    await send(']}}');
  }
  response.end(']}');
  return sent;
}

describe.each([
  ['lines of text', true],
  ['events', false],
])('the log of a job that failed, as %s', (_, isText) => {
  it('is read to its last lines, and with the reason of the failure', async () => {
    airbyte.script = () => (response) => void sendJob(response, [3_000, 4_000], isText);
    const { failure, logLines = [] } = readOutcome(await client.jobs.get(7));
    expect(failure?.message).toBe('relation "orders" does not exist');
    expect(logLines).toHaveLength(5);
    expect(logLines.at(-1)).toContain('attempt 1 line 3999 [{",\\ ');
  });

  it('that is longer than 8 MB is read no further, a log line says so, and the job is known all the same', async () => {
    let sent: Promise<number> = Promise.resolve(0);
    airbyte.script = () => (response) => {
      sent = sendJob(response, [1, 40_000], isText);
    };
    const job = await client.jobs.get(7);
    expect(job).toMatchObject({ jobId: 7, status: 'failed' });
    expect(readOutcome(job)).toMatchObject({ failure: { message: 'relation "orders" does not exist' } });
    const { logLines = [] } = readOutcome(job);
    expect(logLines).toHaveLength(5);
    expect(logLines.at(-1)).toContain(LOG_TRUNCATED_NOTICE);
    for (const line of logLines.slice(0, -1)) expect(line).toMatch(/attempt 1 line \d+ /);
    // What is on its way when no reader is left.
    expect(await sent).toBeLessThan(MAXIMUM_LOG_BYTES * 3);
  });
});

it('at most two logs are read concurrently, however many jobs fail together', async () => {
  let now = 0;
  let most = 0;
  airbyte.script =
    ({ body }) =>
    async (response) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      response.end(JSON.stringify({ job: { ...JOB, id: (body as { id: number }).id }, attempts: [] }));
    };
  const jobs = await Promise.all(Array.from({ length: 30 }, (_, index) => client.jobs.get(index + 1)));
  expect(jobs.map(({ jobId }) => jobId)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(most).toBe(2);
});

it('a log that waits for its turn is no longer read when its caller is aborted', async () => {
  const open: ServerResponse[] = [];
  airbyte.script = () => (response) => void open.push(response);
  const first = [client.jobs.get(1), client.jobs.get(2)];
  const giveUp = new AbortController();
  const third = client.jobs.get(3, { signal: giveUp.signal });
  giveUp.abort(new Error('given up'));
  await expect(third).rejects.toThrow('given up');
  while (open.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const response of open) response.end(JSON.stringify({ job: JOB, attempts: [] }));
  await Promise.all(first);
  expect(airbyte.requests).toHaveLength(2);
});

it('the job in the response to a cancel is read without its whole log, too', async () => {
  airbyte.script = () => (response) => void sendJob(response, [12_000]);
  expect(await client.jobs.cancel(7)).toMatchObject({ jobId: 7, status: 'failed' });
});
