import type { ProcessUsage } from '../process-usage';
import type { Scrape } from '../telemetry';
import type { Actions } from '../temporal-actions';

export const CONTENDERS = ['ours', 'telemetry', 'push', 'plain', 'loops'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

export interface SyncsToRun {
  /** Base of the Config API. */
  airbyteUrl: string;
  /** Each is synced once. */
  connectionIds: readonly string[];
  pollIntervalMs: number;
  /** For logs and other files. */
  folder: string;
}

/** How one sync ended, as its waiter sees it. */
export interface EndedSync {
  connectionId: string;
  succeeded: boolean;
  /** When its waiter would know: milliseconds since 1970. */
  endedAtMs: number;
  /** Events of the workflow's history, where there is one. */
  events?: number;
}

export interface ContenderRun {
  /** When the first sync was asked for: milliseconds since 1970. */
  startedAtMs: number;
  /** Those that ended; what is missing was lost. */
  ended: EndedSync[];
  /** What the working process used, from the moment it was ready: not Temporal's server, nor who started the syncs. */
  usage: ProcessUsage;
  /** The actions of all syncs, by the counter of Temporal's server, where there is one. */
  actions?: Actions;
  /** The reads of the working process's metrics, where they are on. */
  scrapes?: Scrape[];
}
