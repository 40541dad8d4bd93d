import type { FailureType } from '../contract/failure-types';

/** The failure types that the client itself throws; activities and workflows add the others. */
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
 * What a failed request did to Airbyte. `none`: it surely changed nothing, because it was never sent or was rejected.
 * `unknown`: it may have taken effect, so the caller has to check that before it sends the request again.
 */
export type AirbyteErrorEffect = 'none' | 'unknown';

/**
 * Why Airbyte rejected a request, where the HTTP status does not show it: Airbyte returns 409 for all of these, and 500
 * for some of them.
 *
 * - `running`: a job runs on the connection already. Nothing was started.
 * - `database`: Airbyte's database failed, before the request took effect or after (Config API since 1.3, on any call).
 * - `state-conflict`: the public API's text for any internal problem. It is the response to a start whose job did not
 *   show within a minute, although Airbyte accepted the start; and also to a start on an inactive connection.
 * - `inactive`: the connection is not active. Nothing was started.
 * - `not-ready`: the set-up of the source or destination has not ended yet. Nothing was done.
 * - `other`: a 409 with a text that the client does not know.
 */
export type ConflictKind = 'running' | 'database' | 'state-conflict' | 'inactive' | 'not-ready' | 'other';

export interface AirbyteErrorOptions {
  type: AirbyteErrorType;
  /** The call as Airbyte names it, without its base: `connections/sync`. */
  call: string;
  /** One paragraph: what failed, Airbyte's own reason, what to do. Never a secret, never a stack. */
  message: string;
  /** HTTP status of the response; left out when there was none. */
  status?: number | undefined;
  /** Airbyte's own reason alone, if it gave one. */
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
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;
  readonly effect: AirbyteErrorEffect;
  /**
   * Airbyte may not support the call: the response is a web page, or a 404, 405 or 501 whose text is not Airbyte's own.
   * The 404 may also be about the object of the call, and each of them may come from a gateway that did not reach
   * Airbyte.
   */
  readonly callMayBeMissing: boolean;
  /** The response surely comes from Airbyte, and not from a gateway in front of it. */
  readonly isAirbytesOwn: boolean;
  /**
   * Airbyte has run a job for the call (a check or a discovery), and that job failed: the same request runs another
   * one.
   */
  readonly isOfJob: boolean;
  /** Which of the conflicts that share an HTTP status Airbyte rejected the request for, if any. */
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

/** The same error, with this advice at the end of its message. */
export function withAdvice(error: AirbyteError, advice: string): AirbyteError {
  return new AirbyteError({ ...error, message: `${error.message} ${advice}`, cause: error.cause });
}

/**
 * Whether a server rejected a call because it does not support it, as far as the client can tell. If the error is
 * retryable, the response may also be a gateway's page: the caller may use another call instead, but must not conclude
 * that the server does not support this one.
 */
export function isUnsupportedEndpoint(error: unknown): error is AirbyteError {
  return error instanceof AirbyteError && (error.type === 'AirbyteUnsupported' || error.callMayBeMissing);
}

/**
 * The error of a call that not every server supports, about an object that surely exists: a 404 is about the call.
 *
 * @param advice what to do on a server that does not support it
 */
export function toUnsupportedError(error: unknown, advice: string): unknown {
  if (!isUnsupportedEndpoint(error)) return error;
  if (error.retryable) return withAdvice(error, advice);
  const message = `${error.message} ${advice}`;
  return new AirbyteError({ ...error, type: 'AirbyteUnsupported', message, cause: error.cause });
}

/** Whether a server rejected the request as invalid. A server may do so for fields that its version does not know. */
export function isInvalidRequest(error: unknown): error is AirbyteError {
  return error instanceof AirbyteError && error.type === 'AirbyteInvalidRequest';
}
