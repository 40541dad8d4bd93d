import type { ApiCalls } from './call';

/** `GET health` */
export const healthCalls: ApiCalls = { health: async () => ({ available: true }) };
