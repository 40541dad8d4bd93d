import { actorCalls } from './actors';
import type { ApiCalls } from './call';

/** `destinations/…` */
export const destinationCalls: ApiCalls = actorCalls('destination');
