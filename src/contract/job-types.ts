/** The kinds of job that a connection can be made to run, in the words of the calls that start them. */
export const STARTABLE_JOB_TYPES = ['sync', 'reset', 'refresh', 'clear'] as const;

export type StartableJobType = (typeof STARTABLE_JOB_TYPES)[number];
