import type { JobFilter } from '../resources';

/** The times of a job filter in the form that both APIs take. */
export function jobTimeFilter({ updatedAtStart, createdAtStart, createdAtEnd }: JobFilter) {
  return {
    updatedAtStart: toIsoTime(updatedAtStart),
    createdAtStart: toIsoTime(createdAtStart),
    createdAtEnd: toIsoTime(createdAtEnd),
  };
}

function toIsoTime(moment: Date | string | undefined): string | undefined {
  return moment instanceof Date ? moment.toISOString() : moment;
}
