import type { AppliedSchedule } from '../contract/applied-schedule';
import type { PipelineRuns } from '../temporal/pipeline-runs';

/** What reconciliation needs from the activity that it runs in. */
export interface ReconcilePorts {
  logger: ReconcileLogger;
  /** Aborted when the activity is cancelled. */
  cancellation: AbortSignal;
  /** What the attempts before this one reported. */
  earlier: AttemptedChanges;
  /** Replaces what the next attempt knows of this one. */
  report(changes: AttemptedChanges): void;
  /** Sends a heartbeat and lets other activities run, between computations that occupy the thread for long. */
  heartbeatAndYield(): Promise<void>;
  /** The runs of the pipeline. */
  runs: Pick<PipelineRuns, 'findEarlierRun' | 'findId' | 'findMemo' | 'findManager'>;
  /**
   * Acquires the lock of a name. While another activity has it, waits and searches for the object.
   *
   * @param find finds the object that the other activity may have created
   * @returns the lock, or what `find` found
   */
  lockCreation<T>(key: CreationKey, find: () => Promise<T | undefined>): Promise<{ lock: CreationLock } | { found: T }>;
  /**
   * Deletes the Temporal schedule that a pipeline document gave a connection.
   *
   * @param onDelete called with its id before it is deleted
   * @returns its id; undefined when there is none
   */
  removeSchedule(connectionId: string, onDelete: (scheduleId: string) => void): Promise<string | undefined>;
}

/** Logs what reconciliation does. */
export interface ReconcileLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/**
 * What an attempt of an activity leaves for the next one, in its heartbeat. Airbyte and Temporal show the changes that the
 * attempt made, but not that it was this activity that made them.
 */
export interface AttemptedChanges {
  /** The attempt sent a request to create the object, which may have had its effect. */
  creating?: boolean;
  /** The fields for which it sent an update. */
  updated?: string[];
  /** Airbyte itself starts a sync because of the changes. */
  airbyteSyncs?: boolean;
  /** The Temporal schedule that it was about to delete. */
  removedSchedule?: string;
  /** What it was about to do with the Temporal schedule. */
  schedule?: AppliedSchedule;
}

/** Two callers must not create an object of the same key at the same time, since Airbyte accepts duplicate names. */
export interface CreationKey {
  kind: 'source' | 'destination' | 'connection';
  workspaceId: string;
  name: string;
}

/** The right to create something, which one activity of all workers has at a time. */
export interface CreationLock {
  /**
   * Called right before a request is sent.
   *
   * @throws AirbyteError retryable, when the lock may have expired by the time that the request ends; LeaseOverError when
   *   Temporal may have started another attempt of the activity, which has the same lock
   */
  check(): Promise<void>;
  release(): Promise<void>;
}
