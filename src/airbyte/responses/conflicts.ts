import { isObject } from '../../text/json-object';
import type { CallKind } from '../calls';
import type { AirbyteErrorEffect, AirbyteErrorType, ConflictKind } from '../errors';

/** What an error response means for the request, and what to do about it. */
export interface ErrorMeaning {
  type: AirbyteErrorType;
  /** Whether the same request can succeed later without a change. */
  retryable: boolean;
  effect: AirbyteErrorEffect;
  /** What to do, as the end of a message. */
  advice: string;
}

const CONFLICT_ADVICE = 'Airbyte does not say what the conflict is: check the object in Airbyte, then try again.';

const CONFLICTS: Record<ConflictKind, ErrorMeaning> = {
  running: {
    type: 'AirbyteConflict',
    retryable: false,
    effect: 'none',
    advice: 'Wait until that job has ended, or cancel it, then try again.',
  },
  database: {
    type: 'AirbyteUnavailable',
    retryable: true,
    effect: 'unknown',
    advice: 'Try again; if the error persists, check the log of the Airbyte server and its database.',
  },
  'state-conflict': { type: 'AirbyteConflict', retryable: false, effect: 'unknown', advice: CONFLICT_ADVICE },
  inactive: {
    type: 'AirbyteConflict',
    retryable: false,
    effect: 'none',
    advice: 'Set the status of the connection to active.',
  },
  'not-ready': {
    type: 'AirbyteUnavailable',
    retryable: true,
    effect: 'none',
    advice: 'Try again; if the error persists, complete the set-up of the connector in Airbyte.',
  },
  other: { type: 'AirbyteConflict', retryable: false, effect: 'unknown', advice: CONFLICT_ADVICE },
};

/** A call that only reads cannot conflict with anything, so its conflict is a temporary problem within Airbyte. */
const READ_CONFLICT: ErrorMeaning = {
  type: 'AirbyteUnavailable',
  retryable: true,
  effect: 'none',
  advice: 'Try again; if the error persists, check the log of the Airbyte server.',
};

const READ_KINDS: readonly CallKind[] = ['read', 'logs', 'check', 'discover'];

/** What a conflict means for a call of this kind. */
export function meaningOfConflict(conflict: ConflictKind, kind: CallKind): ErrorMeaning {
  const meaning = CONFLICTS[conflict];
  if (!READ_KINDS.includes(kind)) return meaning;
  return meaning.retryable ? { ...meaning, effect: 'none' } : READ_CONFLICT;
}

/** By Airbyte's text, whatever the status: old servers return 500 with the same text. */
const CONFLICT_PATTERNS: readonly [RegExp, ConflictKind][] = [
  [/\b(sync|job) is already running\b/i, 'running'],
  [/can only sync an active connection/i, 'inactive'],
];

/** By the text of a 409: its message, or the name of the public API's problem document (RFC 9457). */
const CONFLICT_PATTERNS_OF_409: readonly [RegExp, ConflictKind][] = [
  [/failed to access (the )?database/i, 'database'],
  [/\bdatabase\b.*\b(unavailable|not available|down|error|failed|failure|timed? ?out|unreachable)\b/i, 'database'],
  [/\b(unable|failed|cannot|could not|error|timed? ?out|no connection)\b.*\b(database|jdbc)\b/i, 'database'],
  [/\bdeadlock\b/i, 'database'],
  [/\bactor-not-ready\b/i, 'not-ready'],
  [/\btry-again-later\b/i, 'running'],
  [/\bstate-conflict\b/i, 'state-conflict'],
];

/** The kind of conflict that an error response is about; undefined for one that is about no conflict. */
export function conflictKindOf(
  status: number,
  body: Readonly<Record<string, unknown>> | undefined,
): ConflictKind | undefined {
  if (status !== 409 && status < 500) return undefined;
  const texts = textsOf(body).join('\n');
  const kindIn = (kinds: typeof CONFLICT_PATTERNS) => kinds.find(([pattern]) => pattern.test(texts))?.[1];
  return kindIn(CONFLICT_PATTERNS) ?? (status === 409 ? (kindIn(CONFLICT_PATTERNS_OF_409) ?? 'other') : undefined);
}

function textsOf(body: Readonly<Record<string, unknown>> = {}): string[] {
  const { data } = body;
  const all = [
    body['message'],
    body['type'],
    body['title'],
    body['detail'],
    body['error'],
    isObject(data) && data['message'],
  ];
  return all.filter((text) => typeof text === 'string');
}
