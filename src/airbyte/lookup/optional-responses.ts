import type { FailureType } from '../../contract/failure-types';
import { AirbyteError } from '../errors';

/** What a call answers about an object; undefined when Airbyte has no such object. */
export function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(answer, ['AirbyteNotFound']);
}

/** What a call answers; undefined when the server has no such call. */
export function ifSupported<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(answer, ['AirbyteUnsupported']);
}

/** What a call tells; undefined when the server has no such call or object, or has them for others only. */
export function ifAvailable<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(answer, ['AirbyteUnsupported', 'AirbyteNotFound', 'AirbyteUnauthorized']);
}

async function unless<T>(answer: Promise<T>, types: readonly FailureType[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AirbyteError && types.includes(error.type)) return undefined;
    throw error;
  }
}
