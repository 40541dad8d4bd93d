/** The units of the Config API's `ConnectionSchedule`, in minutes. A month is 30 days to Airbyte's scheduler too. */
export const SCHEDULE_UNIT_MINUTES = { minutes: 1, hours: 60, days: 1440, weeks: 10_080, months: 43_200 } as const;

export type ScheduleTimeUnit = keyof typeof SCHEDULE_UNIT_MINUTES;

/** The unit that is meant, however a server spells it: `hours`, `HOURS`, `hour`. */
export function scheduleTimeUnit(unit: string): ScheduleTimeUnit | undefined {
  const plural = `${unit.trim().toLowerCase().replace(/s$/, '')}s`;
  return isScheduleTimeUnit(plural) ? plural : undefined;
}

function isScheduleTimeUnit(unit: string): unit is ScheduleTimeUnit {
  return Object.hasOwn(SCHEDULE_UNIT_MINUTES, unit);
}
