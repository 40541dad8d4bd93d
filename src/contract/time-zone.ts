import { z } from 'zod';
import { nearestName } from '../text/nearest-name';
import { schemaGetter } from './validation/schema-getter';

/** The name of a time zone in the IANA database, written as it is there: servers do not all forgive another case. */
export const timeZoneSchema = schemaGetter(
  z.string().superRefine((name, context) => {
    const message = timeZoneProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
);

function timeZoneProblem(name: string): string | undefined {
  const known = canonicalTimeZone(name);
  const isOtherCase = known !== undefined && known !== name && known.toLowerCase() === name.toLowerCase();
  if (known !== undefined && !isOtherCase) return undefined;
  const meant = isOtherCase ? known : nearestName(name, Intl.supportedValuesOf('timeZone'));
  const hint = meant === undefined ? 'expected one such as UTC or Europe/Paris' : `did you mean ${meant}?`;
  return `is not a known time zone; ${hint}`;
}

/** The main name of a time zone, which has others beside it: of `Asia/Calcutta` and `Asia/Kolkata` one is the other's. */
function canonicalTimeZone(name: string): string | undefined {
  // A mere offset has no rules of its own, and Temporal does not take it.
  if (/^[+-]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether a time zone is UTC under one of its names. */
export function isUtc(timeZone: string): boolean {
  return /^(Etc\/)?(UTC|UCT|GMT([+-]?0)?|Greenwich|Universal|Zulu|Z)$/i.test(timeZone);
}
