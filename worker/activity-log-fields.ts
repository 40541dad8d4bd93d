import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { isObject } from '../src/text/json-object';

/** The fields of an activity's input that its log entries show. */
const LOGGED = ['connectionId', 'jobId'] as const;

/**
 * Adds to each log entry of an activity the connection and the job that it works on, so that a search for their ids finds it.
 *
 * @param activities the activities of this project; the other activities of the worker have inputs of their own
 */
export function withActivityLogFields(activities: object): ActivityInterceptorsFactory {
  return ({ info }) => {
    if (!Object.hasOwn(activities, info.activityType)) return {};
    let fields: Record<string, unknown> = {};
    return {
      inbound: {
        execute(input, next) {
          const [argument] = input.args;
          if (isObject(argument)) fields = Object.fromEntries(LOGGED.map((name) => [name, argument[name]]));
          return next(input);
        },
      },
      outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...fields }) },
    };
  };
}
