import type { DataConverter } from '@temporalio/common';
import type { Environment } from '../configuration/read-variable';
import { EncryptionCodec } from './encryption-codec';
import { type EncryptionKeys, encryptionKeysFromEnvironment } from './encryption-keys';

/** The module that encrypts the messages of failures, for the options of a bundle. */
export const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/**
 * The data converter of every client and worker of this project: it encrypts what is sent to Temporal if there are keys, and
 * decrypts what was encrypted.
 *
 * @param own the converter of the user's worker; its codecs encode first, so that encryption is the last step
 */
export function encryptingDataConverter(keys: EncryptionKeys | undefined, own: DataConverter = {}): DataConverter {
  return {
    ...(keys !== undefined && { failureConverterPath: FAILURE_CONVERTER_PATH }),
    ...own,
    payloadCodecs: [...(own.payloadCodecs ?? []), new EncryptionCodec(keys)],
  };
}

/**
 * The data converter for your own client of Temporal, with the keys in the file that `AIRBYTE_CODEC_KEYS_FILE` names.
 *
 * @example
 * const client = new Client({ connection, dataConverter: dataConverterFromEnvironment() });
 * @throws InvalidEnvironmentError when the file cannot be read or is invalid
 */
export function dataConverterFromEnvironment(env: Environment = process.env): DataConverter {
  return encryptingDataConverter(encryptionKeysFromEnvironment(env));
}
