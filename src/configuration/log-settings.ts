import { type Environment, InvalidEnvironmentError } from './read-variable';

/** How a command writes what it says on stderr: lines for people, or one JSON object per line for programs. */
export type LogFormat = 'text' | 'json';

/** What a command says on stderr, from the least to the most. Each level includes those before it. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Reads `LOG_FORMAT`, which many programs share, so its name has no prefix.
 *
 * @throws InvalidEnvironmentError
 */
export function logFormat(env: Environment): LogFormat {
  const format = env['LOG_FORMAT'] || 'text';
  if (format === 'text' || format === 'json') return format;
  throw new InvalidEnvironmentError('LOG_FORMAT', `cannot be used: '${format}' is neither 'text' nor 'json'.`);
}

/**
 * Reads `LOG_LEVEL`, in upper or lower case.
 *
 * @throws InvalidEnvironmentError
 */
export function logLevel(env: Environment): LogLevel {
  const given = env['LOG_LEVEL'] || 'info';
  const level = LOG_LEVELS.find((each) => each === given.toLowerCase());
  if (level !== undefined) return level;
  throw new InvalidEnvironmentError('LOG_LEVEL', `cannot be used: '${given}' is none of ${LOG_LEVELS.join(', ')}.`);
}

/** Whether a log of one level shows an entry of another. */
export function showsLevel(log: LogLevel, entry: LogLevel): boolean {
  return LOG_LEVELS.indexOf(entry) <= LOG_LEVELS.indexOf(log);
}
