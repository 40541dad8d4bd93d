import { describe, expect, it } from '@jest/globals';
import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
} from '@temporalio/common';
import { CliError } from '../../../../cli/cli-error';
import { endedByCancellation, presentFailure } from '../../../../cli/render/failure-presentation';
import { AirbyteError } from '../../../../src/airbyte/errors';
import { InvalidEnvironmentError } from '../../../../src/configuration/read-variable';
import { FAILURE_TYPES } from '../../../../src/contract/failure-types';
import { PipelineDocumentError } from '../../../../src/documents/document-error';
import { TemporalConfigurationError, TemporalUnreachableError } from '../../../../src/temporal/connection';

/** A failure as Temporal's client throws it to a caller that waits for a workflow. */
function workflowFailed(cause: Error): WorkflowFailedError {
  const activity = new ActivityFailure('Activity task failed', 'waitForJob', '1', 'NON_RETRYABLE_FAILURE', 'w', cause);
  const child = new ChildWorkflowFailure('default', { workflowId: 'c' }, 'x', 'NON_RETRYABLE_FAILURE', activity);
  return new WorkflowFailedError('Workflow execution failed', child, 'NON_RETRYABLE_FAILURE');
}

function grpcError(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(`${code} X: ${details}`), { code, details, metadata: {} });
  return new ServiceError('Failed to start Workflow', { cause });
}

describe('the exit code of a failed workflow', () => {
  const badInput = ['InvalidInput', 'AirbyteInvalidRequest', 'AirbyteNotFound', 'AirbyteUnsupported'];
  const outOfReach = ['AirbyteUnavailable', 'AirbyteUnauthorized'];

  it.each(FAILURE_TYPES)('of type %s follows from the type', (type) => {
    const failure = workflowFailed(ApplicationFailure.nonRetryable("Airbyte's own reason", type));
    const exitCode = badInput.includes(type) ? 2 : outOfReach.includes(type) ? 3 : 1;
    expect(presentFailure(failure)).toEqual({ type, message: "Airbyte's own reason", exitCode });
  });

  it.each([undefined, 'Error', 'toString'])('is 1 for an unknown type (%s)', (type) => {
    expect(presentFailure(ApplicationFailure.nonRetryable('broken', type)).exitCode).toBe(1);
  });

  it('is 1 when it was cancelled or terminated, and says so', () => {
    expect(presentFailure(workflowFailed(new CancelledFailure('Workflow cancelled')))).toEqual({
      type: 'Cancelled',
      message: 'The workflow was cancelled.',
      exitCode: 1,
    });
    const terminated = presentFailure(workflowFailed(new TerminatedFailure('by hand')));
    expect(terminated).toMatchObject({ type: 'Terminated', exitCode: 1, message: expect.stringContaining('by hand') });
  });
});

describe('the exit code of a command', () => {
  it.each([
    ['a document that is wrong', new PipelineDocumentError('a.yaml', [{ path: 'name', message: 'is missing' }]), 2],
    ['an environment that is wrong', new InvalidEnvironmentError('AIRBYTE_URL', 'is not a URL'), 2],
    ['Temporal settings that are wrong', new TemporalConfigurationError('cannot be read'), 2],
    ['Temporal that does not respond', new TemporalUnreachableError('h:1', 'does not respond'), 3],
    ['Temporal that goes away', grpcError(14, 'connection refused'), 3],
    ['Temporal that takes too long', grpcError(4, 'deadline'), 3],
    ['Temporal that rejects the credentials', grpcError(16, 'invalid token'), 3],
    ['a request that Temporal rejects', grpcError(3, 'invalid'), 1],
    ['an interrupt', CliError.interrupted('left'), 130],
    ['anything else', new Error('unforeseen'), 1],
  ])('for %s', (_what, error, exitCode) => {
    expect(presentFailure(error).exitCode).toBe(exitCode);
  });

  it('says what Airbyte said when it could not even be asked', () => {
    const message = 'connections/get at http://h:8001/api/v1 failed: connect ECONNREFUSED';
    const error = new AirbyteError({
      type: 'AirbyteUnavailable',
      call: 'connections/get',
      message,
      retryable: true,
      effect: 'none',
    });
    expect(presentFailure(error)).toEqual({ type: 'AirbyteUnavailable', message, exitCode: 3 });
  });

  it('never shows a stack', () => {
    for (const error of [new Error('boom'), grpcError(13, 'internal'), new TypeError('x is not a function')]) {
      expect(presentFailure(error).message).not.toMatch(/\n\s+at /);
    }
  });
});

describe('a cancellation', () => {
  it('is one whether the workflow or its job was cancelled', () => {
    expect(endedByCancellation(workflowFailed(new CancelledFailure('x')))).toBe(true);
    expect(endedByCancellation(workflowFailed(ApplicationFailure.nonRetryable('x', 'AirbyteJobCancelled')))).toBe(true);
    expect(endedByCancellation(workflowFailed(ApplicationFailure.nonRetryable('x', 'AirbyteSyncFailed')))).toBe(false);
  });
});
