import { EventEmitter, once } from 'node:events';
import type { Activities } from '../../activities';
import type { FoundConnection } from '../../src/contract/connection';
import type { JobOutcome } from '../../src/contract/job-outcome';
import { orGivenUp, outcome, type ScriptedEnd } from './scripted-airbyte';

/**
 * The activities that `syncFleet` and its syncs call, with a script in place of Airbyte. A connection's name is its id. A
 * job without an end runs until the test ends it, or until it is cancelled.
 */
export class ScriptedFleet {
  /** The connections whose jobs were started, in their order. */
  readonly started: string[] = [];
  /** The connections whose jobs were cancelled. */
  readonly cancelled: string[] = [];
  /** How the jobs of connections end as soon as an activity waits for them; `any` is for all others. */
  readonly ends = new Map<string, ScriptedEnd>();
  /** The connections of a selection. */
  selected: FoundConnection[] = [];
  /** The largest number of jobs that ran concurrently. */
  mostConcurrent = 0;
  /** What the search for the connections does first. */
  onFind: (() => Promise<void>) | undefined;
  /** What a cancel does instead of cancelling the job. */
  onCancel: (() => never) | undefined;

  private readonly connections: string[] = [];
  private readonly running = new Set<string>();
  private readonly waiting = new Map<string, (outcome: JobOutcome) => void>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  /** Resolves once jobs of these connections are waited for. */
  async waitedFor(...connections: string[]): Promise<void> {
    while (!connections.every((connection) => this.waiting.has(connection))) await once(this.events, 'wait');
  }

  /** Ends the job of a connection that is waited for. */
  end(connection: string, end: ScriptedEnd = { status: 'succeeded' }): void {
    const resolve = this.waiting.get(connection);
    if (!resolve) throw new Error(`No activity waits for ${connection}`);
    this.waiting.delete(connection);
    this.running.delete(connection);
    resolve(outcome(this.jobOf(connection), end));
  }

  get activities(): Pick<
    Activities,
    | 'findConnections'
    | 'selectConnections'
    | 'findLastJob'
    | 'triggerSync'
    | 'findTriggeredJob'
    | 'waitForJob'
    | 'cancelJob'
  > {
    return {
      findConnections: async ({ connections }) => {
        await this.onFind?.();
        return connections.map((connection) => this.found(connection));
      },
      selectConnections: async () => this.selected,
      findLastJob: async () => null,
      triggerSync: async ({ connectionId }) => {
        this.started.push(connectionId);
        this.connections.push(connectionId);
        this.running.add(connectionId);
        this.mostConcurrent = Math.max(this.mostConcurrent, this.running.size);
        const jobId = this.connections.length;
        return { started: true, job: { jobId, status: 'pending', running: true, sameKind: true } };
      },
      findTriggeredJob: async () => null,
      waitForJob: async ({ jobId }) => {
        const connection = this.connectionOf(jobId);
        const end = this.ends.get(connection) ?? this.ends.get('any');
        if (end) {
          this.running.delete(connection);
          return outcome(jobId, end);
        }
        const ended = new Promise<JobOutcome>((resolve) => this.waiting.set(connection, resolve));
        this.events.emit('wait');
        return orGivenUp(ended);
      },
      cancelJob: async ({ jobId }) => {
        const connection = this.connectionOf(jobId);
        this.cancelled.push(connection);
        this.onCancel?.();
        if (this.waiting.has(connection)) this.end(connection, { status: 'cancelled' });
        return outcome(jobId, { status: 'cancelled' });
      },
    };
  }

  found(connection: string): FoundConnection {
    return { connectionId: connection, name: connection, workspaceId: 'workspace-1' };
  }

  private connectionOf(jobId: number): string {
    return this.connections[jobId - 1] ?? '';
  }

  private jobOf(connection: string): number {
    return this.connections.lastIndexOf(connection) + 1;
  }
}
