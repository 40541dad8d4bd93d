import { type ConnectionScheduleFields, fromAirbyteSchedule } from '../contract/connection-schedule';

/** A connection's schedule as a document says it. */
export type DocumentSchedule = 'manual' | { every: string } | { cron: string; timeZone: string };

const UNITS = [
  ['d', 1440],
  ['h', 60],
] as const;

/** The schedule of a connection in the words of a document: `manual`, `{ every: 6h }`, `{ cron, timeZone }`. */
export function toDocumentSchedule(connection: ConnectionScheduleFields): DocumentSchedule {
  const schedule = fromAirbyteSchedule(connection);
  if (schedule.type === 'manual') return 'manual';
  if (schedule.type === 'cron') return { cron: schedule.expression, timeZone: schedule.timeZone };
  const [unit, minutes] = UNITS.find(([, each]) => schedule.minutes % each === 0) ?? ['m', 1];
  return { every: `${schedule.minutes / minutes}${unit}` };
}
