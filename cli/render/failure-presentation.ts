import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { AirbyteError } from '../../src/airbyte/errors';
import { InvalidEnvironmentError } from '../../src/configuration/read-variable';
import { DomainError } from '../../src/contract/domain-error';
import { rootCauseOf } from '../../src/contract/root-cause';
import { PipelineDocumentError } from '../../src/documents/document-error';
import { CodecServerListenError } from '../../src/encryption/codec-server';
import { EncryptedPayloadError } from '../../src/encryption/encryption-codec';
import { TemporalConfigurationError, TemporalUnreachableError } from '../../src/temporal/connection';
import { GRPC_STATUS, grpcErrorOf } from '../../src/temporal/grpc-status';
import { SearchAttributesError } from '../../src/temporal/search-attributes';
import { messageOf } from '../../src/text/error-message';
import { ExecutableNotFoundError } from '../../tools/executables';
import { AirbyteMismatchError } from '../../worker/airbyte-mismatch-guard';
import { MetricsListenError } from '../../worker/metrics/metrics-endpoint';
import { WebhookListenError } from '../../worker/webhooks/webhook-listener';
import { CliError } from '../cli-error';
import { EXIT, type ExitCode, exitCodeOfFailureType } from '../exit-codes';
import { type FollowedWorkflow, FollowedWorkflowError } from '../followed-workflow-error';

/** A failed command as the user sees it. */
export interface PresentedFailure {
  /** A failure type, or one of the CLI's own: `InvalidEnvironment`, `TemporalUnavailable`, `Cancelled`, `Interrupted`… */
  type: string;
  /** One paragraph, or a list of problems; never a stack. */
  message: string;
  exitCode: ExitCode;
  /** For `--json`: the workflow that the command has followed. */
  workflowId?: string;
  runId?: string;
  /** For `--json`: further data, such as the job of a sync. */
  details?: unknown;
}

/** gRPC statuses for an unreachable Temporal or rejected credentials. */
const OUT_OF_REACH_CODES = new Map<number, string>([
  [GRPC_STATUS.DEADLINE_EXCEEDED, 'did not respond in time'],
  [GRPC_STATUS.PERMISSION_DENIED, 'denies permission'],
  [GRPC_STATUS.UNAVAILABLE, 'is out of reach'],
  [GRPC_STATUS.UNAUTHENTICATED, 'rejects the credentials'],
]);

/** The errors that only wrap the one that matters. */
const WRAPPING = [FollowedWorkflowError, WorkflowFailedError];

/** Turns any error into a message for the user and an exit code. */
export function presentFailure(error: unknown): PresentedFailure {
  const presented = presentCause(error);
  if (!(error instanceof FollowedWorkflowError)) return presented;
  const { workflowId, runId, job, connection } = error.workflow;
  const details = presented.details ?? detailsOf(error) ?? job;
  const message = withName(presented.message, connection);
  return { ...presented, message, workflowId, runId, ...(details !== undefined && { details }) };
}

/** Adds the name of the connection to its id where the message mentions it first. */
function withName(message: string, connection: FollowedWorkflow['connection']): string {
  if (!connection?.name || message.includes(`'${connection.name}'`)) return message;
  const { connectionId, name } = connection;
  return message.replace(connectionId, () => `'${name}' (${connectionId})`);
}

function presentCause(error: unknown): PresentedFailure {
  const cause = rootCauseOf(error, ...WRAPPING);
  if (cause instanceof CliError) {
    const { type, message, exitCode, details } = cause;
    return { type, message, exitCode, ...(details !== undefined && { details }) };
  }
  if (cause instanceof ApplicationFailure || cause instanceof AirbyteError || cause instanceof DomainError) {
    return { type: cause.type ?? 'Failed', message: cause.message, exitCode: exitCodeOfFailureType(cause.type) };
  }
  if (cause instanceof PipelineDocumentError) return badInput('InvalidInput', cause);
  if (cause instanceof InvalidEnvironmentError) return badInput('InvalidEnvironment', cause);
  if (cause instanceof EncryptedPayloadError) return badInput('InvalidEnvironment', cause);
  if (cause instanceof CodecServerListenError) return badInput('InvalidEnvironment', cause);
  if (cause instanceof AirbyteMismatchError) return badInput('OtherAirbyte', cause);
  if (cause instanceof WebhookListenError || cause instanceof MetricsListenError) {
    return badInput('InvalidEnvironment', cause);
  }
  if (cause instanceof TemporalConfigurationError) return badInput('InvalidEnvironment', cause);
  if (cause instanceof TemporalUnreachableError || cause instanceof ExecutableNotFoundError) {
    return temporalUnavailable(cause.message);
  }
  if (cause instanceof SearchAttributesError) return temporalUnavailable(cause.message);
  return fromTemporal(cause) ?? { type: 'Failed', message: messageOf(cause), exitCode: EXIT.failed };
}

/** The details of a failed workflow's failure. */
export function detailsOf(error: unknown): unknown {
  const cause = rootCauseOf(error, ...WRAPPING);
  return cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
}

/** Whether a workflow ended because it was cancelled, or its job was. */
export function endedByCancellation(error: unknown): boolean {
  const cause = rootCauseOf(error, ...WRAPPING);
  return (
    cause instanceof CancelledFailure || (cause instanceof ApplicationFailure && cause.type === 'AirbyteJobCancelled')
  );
}

function fromTemporal(cause: unknown): PresentedFailure | undefined {
  if (cause instanceof CancelledFailure) {
    return { type: 'Cancelled', message: 'The workflow was cancelled.', exitCode: EXIT.failed };
  }
  if (cause instanceof TerminatedFailure) {
    const message = `The workflow was terminated: ${cause.message}. An Airbyte job that it had started may still be running.`;
    return { type: 'Terminated', message, exitCode: EXIT.failed };
  }
  if (cause instanceof TimeoutFailure) {
    return { type: 'TimedOut', message: `Temporal ended the workflow: ${cause.message}.`, exitCode: EXIT.failed };
  }
  const grpc = grpcErrorOf(cause);
  if (grpc === undefined) return undefined;
  const what = OUT_OF_REACH_CODES.get(grpc.code);
  const reason = grpc.details || grpc.message;
  if (what !== undefined) {
    return temporalUnavailable(
      `Temporal ${what}: ${reason}. Workflows that were started continue; run the same command again to follow them. \`temporal-airbyte doctor\` checks the connection.`,
    );
  }
  if (grpc.code === GRPC_STATUS.NOT_FOUND && /namespace/i.test(reason)) {
    return temporalUnavailable(`Temporal rejected the request: ${reason}. Check TEMPORAL_NAMESPACE.`);
  }
  return { type: 'TemporalError', message: `Temporal rejected the request: ${reason}`, exitCode: EXIT.failed };
}

function temporalUnavailable(message: string): PresentedFailure {
  return { type: 'TemporalUnavailable', message, exitCode: EXIT.outOfReach };
}

function badInput(type: string, { message }: Error): PresentedFailure {
  return { type, message, exitCode: EXIT.badInput };
}
