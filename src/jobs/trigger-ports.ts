import type { TriggerHeartbeat } from './trigger-state';

/** Whether Temporal still considers this attempt of the activity the current one. */
export interface Lease {
  /** Whether Temporal has to confirm it before a request is sent. */
  readonly isInDoubt: boolean;
  /** @throws LeaseOverError when Temporal may have started another attempt */
  assertValid(): void;
  /**
   * Lets Temporal confirm it, by a heartbeat with these details. When the activity is being cancelled, it waits for that.
   *
   * @param signal aborted by the cancellation, or when the wait for it has to end
   * @throws LeaseOverError when Temporal does not confirm it; another error when the activity is being cancelled
   */
  renew(details: unknown, signal: AbortSignal): Promise<void>;
}

/** What the start of a job needs of the activity that it runs in. */
export interface TriggerPorts {
  /** The number of the activity's attempt, from 1 on. */
  attempt: number;
  /** The last heartbeat of the attempts before. */
  earlier: TriggerHeartbeat;
  /** When the first attempt was scheduled, by Temporal's clock, in milliseconds since 1970. */
  scheduledAtMs: number;
  /** The same of this attempt. */
  attemptScheduledAtMs: number;
  /** How long the activity may take, its further attempts included. */
  timeLeftMs: number;
  /** Aborted when the activity is cancelled. */
  cancellation: AbortSignal;
  /** Aborted when the worker shuts down: another worker can continue the waits. */
  shutdown: AbortSignal;
  lease: Lease;
  logger: Pick<Console, 'info' | 'warn'>;
  /** Sends a heartbeat. */
  report(heartbeat: TriggerHeartbeat): void;
  /** Called when a job was found that an earlier request, whose response was lost, had started. It must not throw. */
  onAdopted?: (() => void) | undefined;
  /** Whether another workflow has recorded the job as its own. */
  isJobOfOtherWorkflow(jobId: number, connectionId: string): Promise<boolean>;
  /** Whether another worker waits for the job that the activity has started; left out if that cannot be known. */
  isWaitedForElsewhere?: () => Promise<boolean>;
}
