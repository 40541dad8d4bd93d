import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AcquireOptions, type ObservedResponse, RateLimiter } from '../../../src/airbyte/http/rate-limiter';
import { timersLeft } from '../../support/timers-left';

const SECOND = 1_000;

let rateLimiter: RateLimiter;

beforeEach(() => {
  jest.useFakeTimers();
  rateLimiter = new RateLimiter();
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** Acquires the limiter for each request, and shows which have gone out. */
function ask(count: number, { signal, first }: AcquireOptions = {}) {
  const requests = Array.from({ length: count }, () => {
    const request: { gone: boolean; error?: unknown; tell(response: ObservedResponse): void } = {
      gone: false,
      tell: () => expect(request.gone).toBe(true),
    };
    const tell = (sentAt: number) => (response: ObservedResponse) => rateLimiter.observe(response, sentAt);
    rateLimiter.acquire({ signal, first }).then(
      (sentAt) => Object.assign(request, { gone: true, tell: tell(sentAt) }),
      (error: unknown) => Object.assign(request, { error }),
    );
    return request;
  });
  return { requests, gone: () => requests.filter(({ gone }) => gone).length };
}

/** Sends one request, and observes the response to it. */
async function send(response: ObservedResponse): Promise<void> {
  rateLimiter.observe(response, await rateLimiter.acquire());
}

describe('a rate limiter without a limit', () => {
  it('lets every request go immediately', async () => {
    const { gone } = ask(1_000);
    await pass(0);
    expect(gone()).toBe(1_000);
  });
});

describe('a limit of requests a second', () => {
  it('lets that many go, evenly, in the order in which they came', async () => {
    rateLimiter.requestsPerSecond = 10;
    const { requests, gone } = ask(100);
    await pass(0);
    expect(gone()).toBe(1);
    await pass(SECOND);
    expect(gone()).toBe(11);
    expect(requests.slice(0, 11).every((request) => request.gone)).toBe(true);
    await pass(9 * SECOND);
    expect(gone()).toBe(100);
  });

  it('applies to waiting requests when it is changed', async () => {
    rateLimiter.requestsPerSecond = 1;
    const { gone } = ask(21);
    await pass(0);
    rateLimiter.requestsPerSecond = 10;
    await pass(3 * SECOND);
    expect(gone()).toBe(21);
  });

  it('lets requests with the option first go before the others, in their own order', async () => {
    rateLimiter.requestsPerSecond = 1;
    ask(1);
    const others = ask(2);
    const firsts = ask(2, { first: true });
    const gone = () => [...firsts.requests, ...others.requests].map((request) => request.gone);
    await pass(SECOND);
    expect(gone()).toEqual([true, false, false, false]);
    await pass(SECOND);
    expect(gone()).toEqual([true, true, false, false]);
    await pass(SECOND);
    expect(gone()).toEqual([true, true, true, false]);
  });

  it('is reached even if it is higher than the resolution of a timer', async () => {
    rateLimiter.requestsPerSecond = 4_000;
    const { gone } = ask(10_000);
    await pass(SECOND);
    expect(gone()).toBeGreaterThan(3_800);
    expect(gone()).toBeLessThanOrEqual(4_010);
  });

  it('does not delay a request after a pause', async () => {
    rateLimiter.requestsPerSecond = 1;
    ask(1);
    await pass(10 * SECOND);
    const { gone } = ask(1);
    await pass(0);
    expect(gone()).toBe(1);
  });
});

describe('an Airbyte that is overloaded', () => {
  it.each([429, 503])('delays every request for as long as the Retry-After of a %i says', async (status) => {
    await send({ status, retryAfterMs: 60 * SECOND });
    const { gone } = ask(3);
    await pass(59 * SECOND);
    expect(gone()).toBe(0);
    await pass(SECOND);
    expect(gone()).toBe(1);
  });

  it('gets one request a second, and all requests again after a normal response', async () => {
    await send({ status: 429, retryAfterMs: SECOND });
    const { requests, gone } = ask(100);
    await pass(3 * SECOND);
    expect(gone()).toBe(3);
    requests[2]?.tell({ status: 200 });
    await pass(0);
    expect(gone()).toBe(100);
  });

  it('gets no request for twice as long each time, if it does not say for how long', async () => {
    for (const quiet of [1, 2, 4, 8, 16, 30, 30]) {
      const sent = ask(1);
      await pass(0);
      sent.requests[0]?.tell({ status: 503 });
      const next = ask(1);
      await pass(quiet * SECOND - 1);
      expect(next.gone()).toBe(0);
      await pass(1);
      expect(next.gone()).toBe(1);
      await pass(SECOND);
    }
  });

  it('counts the error responses to concurrent requests as one', async () => {
    const { requests } = ask(32);
    await pass(0);
    for (const { tell } of requests) tell({ status: 503 });
    const { gone } = ask(1);
    await pass(SECOND);
    expect(gone()).toBe(1);
  });

  it('does not count as recovered because of its responses to earlier requests', async () => {
    const [slow, rejected] = ask(2).requests;
    await pass(0);
    rejected?.tell({ status: 503, retryAfterMs: 10 * SECOND });
    await pass(1);
    slow?.tell({ status: 200 });
    const { gone } = ask(1);
    await pass(9 * SECOND);
    expect(gone()).toBe(0);
  });

  it('gets a request after five minutes even if it asked for a day', async () => {
    await send({ status: 429, retryAfterMs: 24 * 3_600 * SECOND });
    const { gone } = ask(1);
    await pass(5 * 60 * SECOND);
    expect(gone()).toBe(1);
  });

  it.each([200, 404, 409, 500, 504])('is not shown by a %i', async (status) => {
    await send({ status });
    const { gone } = ask(5);
    await pass(0);
    expect(gone()).toBe(5);
  });
});

describe('waiting for the rate limit', () => {
  beforeEach(() => {
    rateLimiter.requestsPerSecond = 1;
  });

  it('ends with its signal, and does not delay other requests', async () => {
    const giveUp = new AbortController();
    ask(1);
    const { requests } = ask(1, { signal: giveUp.signal });
    const { gone } = ask(1);
    await pass(0);
    giveUp.abort(new Error('given up'));
    await pass(SECOND);
    expect(requests[0]).toMatchObject({ gone: false, error: new Error('given up') });
    expect(gone()).toBe(1);
  });

  it('leaves no timer behind when the last waiting request is aborted', async () => {
    const giveUp = new AbortController();
    ask(1);
    const { requests } = ask(1, { signal: giveUp.signal });
    await pass(0);
    giveUp.abort(new Error('given up'));
    await pass(0);
    expect(requests[0]?.error).toEqual(new Error('given up'));
    expect(await timersLeft()).toBe(0);
  });

  it('ends when the client is closed', async () => {
    ask(1);
    const { requests } = ask(1);
    await pass(0);
    rateLimiter.close(new Error('closed'));
    await pass(0);
    expect(requests[0]).toMatchObject({ gone: false, error: new Error('closed') });
    await expect(rateLimiter.acquire()).rejects.toThrow('closed');
  });
});
