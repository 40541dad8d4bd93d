/** The line that a contender's process prints once it is about to work: what it used until then does not count. */
export const READY = 'Ready:';

/** The line that the process of the loops prints once all of them have returned. */
export const DONE = 'Done.';
