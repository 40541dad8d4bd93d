import type { TemporalClient } from '../../src/temporal/connection';
import { hasSearchAttributes } from '../../src/temporal/search-attributes';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import type { Output } from '../render/output';

const HOW_TO_REGISTER = 'A worker registers them when it starts, and so does: temporal-airbyte doctor --fix';

/**
 * Warns when the namespace lacks the search attributes of this project. A command that starts a workflow only looks, so that
 * its user needs no permission to change the namespace.
 *
 * @returns whether the namespace has them
 */
export async function noteMissingSearchAttributes(output: Output, temporal: TemporalClient): Promise<boolean> {
  const { connection, namespace } = temporal;
  const has = await hasSearchAttributes(connection, namespace);
  if (!has) {
    output.note(
      `Warning: the namespace '${namespace}' lacks search attributes, and a workflow that sets one makes no progress until it is registered. ${HOW_TO_REGISTER}`,
    );
  }
  return has;
}

/** @throws CliError when the namespace lacks them: Temporal rejects a schedule that has them, and without them lists show no names */
export async function requireSearchAttributes({ connection, namespace }: TemporalClient): Promise<void> {
  if (await hasSearchAttributes(connection, namespace)) return;
  throw new CliError(
    EXIT.outOfReach,
    'TemporalUnavailable',
    `The namespace '${namespace}' lacks search attributes that the schedule has, so nothing was created. ${HOW_TO_REGISTER}`,
  );
}
