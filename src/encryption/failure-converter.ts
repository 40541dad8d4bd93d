import { DefaultFailureConverter } from '@temporalio/common';

/** By this text, a bundle of workflows shows that it has this converter. */
export const FAILURE_CONVERTER_NAME = 'temporal-airbyte/failure-converter';

/**
 * Moves the message and the stack of each failure into a payload, so that they are encrypted as other payloads are. The workers
 * and the bundle of their workflows load it by its path.
 */
export const failureConverter = Object.assign(new DefaultFailureConverter({ encodeCommonAttributes: true }), {
  name: FAILURE_CONVERTER_NAME,
});
