import type { AirbyteClient } from '../airbyte/client';
import type { TriggerAttempt } from './trigger-attempt';
import type { TriggerPorts } from './trigger-ports';

/** What it takes to start a job, and to find out which job a request has led to. */
export interface TriggerContext
  extends Pick<TriggerPorts, 'logger' | 'shutdown' | 'isJobOfOtherWorkflow' | 'onAdopted'> {
  airbyte: AirbyteClient;
  attempt: TriggerAttempt;
  /** How long Airbyte may take to start a job, in milliseconds. */
  jobStartTimeoutMs: number;
}
