/** What the query `progress` of a fleet returns. */
import { defineQuery } from '@temporalio/workflow';
import type { FleetConnectionOutcome, FleetOutcome } from './fleet-result';

export type FleetPhase = 'waiting' | 'running' | FleetOutcome;

/** The progress of one connection of a fleet. */
export interface FleetConnectionProgress extends Omit<FleetConnectionOutcome, 'outcome'> {
  connectionId: string;
  name: string;
  phase: FleetPhase;
  /** The ids of the connections that must succeed before this one starts. */
  dependsOn: string[];
  /** The workflow id of its sync while that runs. */
  syncWorkflowId?: string;
}

export interface FleetPlanProgress {
  counts: Record<FleetPhase, number>;
  /** By dependency: the connections of the first level depend on none, those of each further level on earlier levels. */
  levels: FleetConnectionProgress[][];
}

export interface FleetProgress extends FleetPlanProgress {
  name: string;
  /**
   * `pausing`: the fleet waits for its running syncs before it continues as new. After the fleet has ended: `done`, `failed`
   * or `cancelled`.
   */
  phase: 'selecting' | 'syncing' | 'pausing' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  maxConcurrent: number;
}

/** Returns the progress of a fleet. */
export const fleetProgressQuery = defineQuery<FleetProgress>('progress');
