import type { FailureType } from '../../contract/failure-types';
import { AirbyteError, isUnsupportedEndpoint } from '../errors';

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

/**
 * Whether an error means that this Airbyte cannot check or discover a configuration before it is saved: it has no such call,
 * or the credentials may not use it. The calls name no object that may be missing, or one that was just read.
 */
export function isUnavailableBeforeSaving(error: unknown): boolean {
  if (isUnsupportedEndpoint(error)) return true;
  return error instanceof AirbyteError && (error.type === 'AirbyteNotFound' || error.type === 'AirbyteUnauthorized');
}

async function undefinedOn<T>(response: Promise<T>, types: readonly FailureType[]): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof AirbyteError && types.includes(error.type)) return undefined;
    throw error;
  }
}
