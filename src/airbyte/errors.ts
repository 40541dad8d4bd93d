import type { FailureType } from '../contract/failure-types';

/** The failure types that the client itself can tell; the others are verdicts of activities and workflows. */
export type AirbyteErrorType = Extract<
  FailureType,
  | 'AirbyteNotFound'
  | 'AirbyteInvalidRequest'
  | 'AirbyteUnauthorized'
  | 'AirbyteConflict'
  | 'AirbyteUnavailable'
  | 'AirbyteUnsupported'
>;

/**
 * What a failed request did to Airbyte. `none`: it surely changed nothing (never sent, or refused). `unknown`: it may
 * have taken effect: before it is sent again, the caller has to look what has become of it.
 */
export type AirbyteErrorEffect = 'none' | 'unknown';

export interface AirbyteErrorOptions {
  type: AirbyteErrorType;
  /** The call as Airbyte names it, without its base: `connections/sync`. */
  call: string;
  /** One paragraph: what failed, Airbyte's own reason, what to do. Never a secret, never a stack. */
  message: string;
  /** HTTP status of the answer; left out when there was none. */
  status?: number | undefined;
  /** Airbyte's own reason alone, as far as it gave one. */
  reason?: string | undefined;
  /** How long Airbyte (or a gateway) asked to wait, from `Retry-After`. */
  retryAfterMs?: number | undefined;
  retryable: boolean;
  effect: AirbyteErrorEffect;
  /** See the property. @default false */
  callMayBeMissing?: boolean;
  /** See the property. @default false */
  isAirbytesOwn?: boolean;
  /** See the property. @default false */
  isOfJob?: boolean;
  /** See the property. */
  conflict?: ConflictKind | undefined;
  cause?: unknown;
}

/** Every failure of a call to Airbyte. `type` is one of the project's public failure types. */
export class AirbyteError extends Error {
  override readonly name = 'AirbyteError';
  readonly type: AirbyteErrorType;
  readonly call: string;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether the same request can succeed later with nothing changed on our side. */
  readonly retryable: boolean;
  readonly effect: AirbyteErrorEffect;
  /**
   * Airbyte may lack the call: a web page, or a 404, 405 or 501 in words that are not Airbyte's own. A 404 can be about the
   * object of the call as well, and all of it can come from a gateway that did not reach Airbyte.
   */
  readonly callMayBeMissing: boolean;
  /** The response is surely Airbyte's, and not that of a gateway in front of it. */
  readonly isAirbytesOwn: boolean;
  /** Airbyte has run a job for the call, a check or a discovery, and that has failed: the same request runs another one. */
  readonly isOfJob: boolean;
  /** Why Airbyte rejected the request, where it is one of the kinds of conflict that share a status. */
  readonly conflict: ConflictKind | undefined;

  constructor(options: AirbyteErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = options.type;
    this.call = options.call;
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.retryable = options.retryable;
    this.effect = options.effect;
    this.callMayBeMissing = options.callMayBeMissing ?? false;
    this.isAirbytesOwn = options.isAirbytesOwn ?? false;
    this.isOfJob = options.isOfJob ?? false;
    this.conflict = options.conflict;
  }
}

/** The same error, with more of what to do at the end of its message. */
export function withAdvice(error: AirbyteError, advice: string): AirbyteError {
  return new AirbyteError({ ...error, message: `${error.message} ${advice}`, cause: error.cause });
}

/**
 * Whether a server refused a call because it does not have it, as far as can be told. Where the error is retryable it may as
 * well be the page of a gateway: another call may be tried in its place, but nothing may be concluded.
 */
export function isUnsupportedEndpoint(error: unknown): error is AirbyteError {
  return error instanceof AirbyteError && (error.type === 'AirbyteUnsupported' || error.callMayBeMissing);
}

/**
 * The error of a call that not every server has, about an object that is known to be there: a 404 is about the call.
 *
 * @param advice what to do on a server that does not have it
 */
export function toUnsupportedError(error: unknown, advice: string): unknown {
  if (!isUnsupportedEndpoint(error)) return error;
  if (error.retryable) return withAdvice(error, advice);
  const message = `${error.message} ${advice}`;
  return new AirbyteError({ ...error, type: 'AirbyteUnsupported', message, cause: error.cause });
}

/** Whether a server refused what was sent: one that knows only the fields of its own version may take fewer of them. */
export function isInvalidRequest(error: unknown): error is AirbyteError {
  return error instanceof AirbyteError && error.type === 'AirbyteInvalidRequest';
}

/**
 * Why Airbyte rejected a request, where the HTTP status does not tell: it answers 409 for all of these, and for some of
 * them 500.
 *
 * - `running`: a job runs on the connection already. Nothing was started.
 * - `database`: Airbyte's database failed, before the request took effect or after (Config API since 1.3, on any call).
 * - `state-conflict`: the public API's words for whatever went wrong inside. Of a start it says so after a minute in which
 *   the job did not show, although the start was accepted; and also when the connection is inactive.
 * - `inactive`: the connection is not active. Nothing was started.
 * - `not-ready`: the set-up of the source or destination has not ended yet. Nothing was done.
 * - `other`: a 409 in words that are not known.
 */
export type ConflictKind = 'running' | 'database' | 'state-conflict' | 'inactive' | 'not-ready' | 'other';
