import { defineQuery } from '@temporalio/workflow';
import type { FleetConnectionOutcome, FleetOutcome } from './fleet-result';

export type FleetPhase = 'waiting' | 'running' | FleetOutcome;

/** How one connection of a fleet stands. */
export interface FleetConnectionProgress extends Omit<FleetConnectionOutcome, 'outcome'> {
  connectionId: string;
  name: string;
  phase: FleetPhase;
  /** The ids of the connections that have to have succeeded first. */
  dependsOn: string[];
  /** The workflow of its sync, while that runs. */
  syncWorkflowId?: string;
}

export interface FleetPlanProgress {
  counts: Record<FleetPhase, number>;
  /** By dependency: those of the first level depend on nothing, those of each other one on the levels before it. */
  levels: FleetConnectionProgress[][];
}

export interface FleetProgress extends FleetPlanProgress {
  name: string;
  /**
   * `pausing`: what runs is waited for, before the fleet goes on in another run. Once the fleet has ended: `done`, `failed`
   * or `cancelled`.
   */
  phase: 'selecting' | 'syncing' | 'pausing' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  maxConcurrent: number;
}

/** How a fleet stands. */
export const fleetProgressQuery = defineQuery<FleetProgress>('progress');
