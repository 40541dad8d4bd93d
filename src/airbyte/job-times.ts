import type { JobFilter } from './resources';

/** The times of a filter, as both APIs take them. */
export function jobTimes({ updatedAtStart, createdAtStart, createdAtEnd }: JobFilter) {
  return {
    updatedAtStart: isoMoment(updatedAtStart),
    createdAtStart: isoMoment(createdAtStart),
    createdAtEnd: isoMoment(createdAtEnd),
  };
}

function isoMoment(moment: Date | string | undefined): string | undefined {
  return moment instanceof Date ? moment.toISOString() : moment;
}
