import { messageOf } from '../src/text/error-message';
import type { ProgressJob } from './render/progress-display';

/** The workflow that a command follows, and its job, so that a program can find both. */
export interface FollowedWorkflow {
  workflowId: string;
  runId: string;
  /** The job as it was read last; undefined if there was none. */
  job?: ProgressJob | undefined;
  /** The connection that it syncs: its failure has only the id, and the user may have typed the name. */
  connection?: { connectionId: string; name?: string | undefined } | undefined;
}

/** A workflow that a command follows has failed, or the command stopped following it. The cause says which. */
export class FollowedWorkflowError extends Error {
  override readonly name = 'FollowedWorkflowError';

  constructor(
    readonly workflow: FollowedWorkflow,
    cause: unknown,
  ) {
    super(messageOf(cause), { cause });
  }
}
