import { activityInfo } from '@temporalio/activity';

/** What an attempt to start a job leaves for the next one, in its heartbeat. */
export interface TriggerHeartbeat {
  /** The attempt up to which no request has had any effect. Taken back before the next request is sent. */
  nothingStartedBy?: number;
  /** The attempt up to which a job would have shown that a request has started. Taken back in the same way. */
  waitedOutBy?: number;
  /**
   * Since when, in milliseconds since 1970, a job is waited for that may still show. It stays true after more attempts that
   * died: each of them had to wait before it might send anything, and to have Temporal take this back.
   */
  waitsSince?: number;
  /** The newest job of the connection that is known not to be ours, where that is newer than the recorded one. */
  lastJobId?: number;
}

/**
 * What the attempts so far leave open: nothing; or a job that would show by now; or one that may still show, since nobody
 * knows what an attempt that died has sent.
 */
export type StartUncertainty = 'none' | 'would show' | 'may show';

/** What the last attempt before this one has left. */
export function heartbeatOfEarlierAttempt(): TriggerHeartbeat {
  return (activityInfo().heartbeatDetails as TriggerHeartbeat | undefined) ?? {};
}

/** What the attempts before this one leave open. Of one that died nobody knows. */
export function uncertaintyOfEarlierAttempts(): StartUncertainty {
  const { attempt } = activityInfo();
  const { nothingStartedBy, waitedOutBy } = heartbeatOfEarlierAttempt();
  if (attempt === 1 || nothingStartedBy === attempt - 1) return 'none';
  return waitedOutBy === attempt - 1 ? 'would show' : 'may show';
}
