import type { Payload } from '@temporalio/common';
import { z } from 'zod';

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

const schema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() })),
});

/**
 * Reads the message `temporal.api.common.v1.Payloads` in the JSON form of Protocol Buffers, as Temporal's UI and command send it
 * to a codec server. @throws TypeError
 */
export function readPayloads(text: string): Payload[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TypeError('The body is no JSON');
  }
  const { data, error } = schema.safeParse(json);
  if (data === undefined) {
    const [problem] = error.issues;
    throw new TypeError(`The body is no list of payloads: ${problem?.path.join('.')}: ${problem?.message}`);
  }
  return data.payloads.map(({ metadata, data: bytes }) => ({
    ...(metadata !== undefined && { metadata }),
    ...(bytes !== undefined && { data: bytes }),
  }));
}

/** Writes payloads in the form in which {@link readPayloads} reads them. */
export function writePayloads(payloads: readonly Payload[]): string {
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return JSON.stringify({
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, encode(bytes)])),
      ...(data && { data: encode(data) }),
    })),
  });
}
