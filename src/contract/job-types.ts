/** The types of job that can be started on a connection, as Airbyte's API names them. */
export const STARTABLE_JOB_TYPES = ['sync', 'reset', 'refresh', 'clear'] as const;

export type StartableJobType = (typeof STARTABLE_JOB_TYPES)[number];
