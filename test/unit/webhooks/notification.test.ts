import { describe, expect, test } from '@jest/globals';
import { readNotification } from '../../../src/webhooks/notification';

const CONNECTION = { id: '7a0e9d4c-2f6b-4f8e-8b1d-3c5e6f708192', name: 'shop', url: null };

describe('a notification', () => {
  test('names a job and its connection, whatever else is in it', () => {
    const data = { jobId: 7, connection: CONNECTION, success: null, startedAt: null, errorMessage: { odd: true } };
    expect(readNotification(JSON.stringify({ text: 5, data }))).toEqual({ jobId: 7, connectionId: CONNECTION.id });
  });

  test.each([
    ['before 0.59', { text: 'Your connection shop has succeeded: …/jobs/7' }],
    ['about another event', { text: 'The schema has changed', blocks: [] }],
    ['without a job', { data: { connection: CONNECTION, jobId: null } }],
    ['with a job that is no number', { data: { connection: CONNECTION, jobId: '7' } }],
    ['with a negative job', { data: { connection: CONNECTION, jobId: -7 } }],
    ['with a number that loses digits', { data: { connection: CONNECTION, jobId: 2 ** 60 } }],
    ['without a connection', { data: { jobId: 7 } }],
    ['with an id of any length', { data: { jobId: 7, connection: { id: 'x'.repeat(10_000) } } }],
    ['that is no object', 'null'],
  ])('%s names none', (_, body) => {
    expect(readNotification(JSON.stringify(body))).toBeUndefined();
  });

  test.each(['', '{', 'null', '[]', '"text"', `${'['.repeat(100_000)}`])('that is %j is none', (body) => {
    expect(readNotification(body)).toBeUndefined();
  });
});
