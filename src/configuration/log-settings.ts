import { type Environment, InvalidEnvironmentError } from './read-variable';

/** How a worker writes its log: lines for people, or one JSON object per line for programs. */
export type LogFormat = 'text' | 'json';

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
