import type { FailureType } from '../../contract/failure-types';
import { AirbyteError } from '../errors';

/** The response about an object; undefined if Airbyte has no such object. */
export function ifFound<T>(response: Promise<T>): Promise<T | undefined> {
  return undefinedOn(response, ['AirbyteNotFound']);
}

/** The response to a call; undefined if the server does not support the call. */
export function ifSupported<T>(response: Promise<T>): Promise<T | undefined> {
  return undefinedOn(response, ['AirbyteUnsupported']);
}

/**
 * The response to a call; undefined if the server has no such call or object, or the credentials are not permitted to
 * use it.
 */
export function ifAvailable<T>(response: Promise<T>): Promise<T | undefined> {
  return undefinedOn(response, ['AirbyteUnsupported', 'AirbyteNotFound', 'AirbyteUnauthorized']);
}

async function undefinedOn<T>(response: Promise<T>, types: readonly FailureType[]): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof AirbyteError && types.includes(error.type)) return undefined;
    throw error;
  }
}
