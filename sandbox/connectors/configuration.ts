/** What every connector does with its configuration: it parses it, and checks the connection. */
import type { z } from 'zod';
import { reasonOf } from './error-reason';
import { type CheckResult, type ConnectorConfiguration, ConnectorError } from './protocol';

/**
 * Parses a configuration.
 *
 * @throws ConnectorError (`config_error`) that names each field that does not fit
 */
export function parseConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  config: ConnectorConfiguration,
): z.output<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'configuration'}: ${issue.message}`);
  throw new ConnectorError(`the configuration is invalid: ${problems.join('; ')}`, 'config_error');
}

/** Runs a connection check. A failure is part of the result and not thrown. */
export async function checkWith(test: () => Promise<void>, signal: AbortSignal): Promise<CheckResult> {
  try {
    await test();
    return { status: 'SUCCEEDED' };
  } catch (error) {
    signal.throwIfAborted();
    return { status: 'FAILED', message: reasonOf(error) };
  }
}
