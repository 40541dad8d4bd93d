/** Time zones of schedules. */
import { z } from 'zod';
import { nearestName } from '../text/nearest-name';
import { schemaGetter } from './validation/schema-getter';

/** The schema of a time zone's name in the IANA database. The case must be right, because not every server ignores it. */
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
  const hint = meant === undefined ? 'expected a name such as UTC or Europe/Paris' : `did you mean ${meant}?`;
  return `is not a known time zone; ${hint}`;
}

/** The canonical name of a time zone: `Asia/Calcutta` and `Asia/Kolkata` are names of one zone. */
function canonicalTimeZone(name: string): string | undefined {
  // Temporal rejects offsets, such as +01:00.
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
