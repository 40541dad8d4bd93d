import { AirbyteError } from './errors';

/** What a call answers; undefined when Airbyte has no such object, or the server no such call (not each can list). */
export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const missing = error instanceof AirbyteError && ['AirbyteNotFound', 'AirbyteUnsupported'].includes(error.type);
    if (missing) return undefined;
    throw error;
  }
}
