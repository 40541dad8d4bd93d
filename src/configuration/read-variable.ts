import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { messageOf } from '../text/error-message';
import { withoutLineEnd } from '../text/secret-values';
import { type AirbyteVariable, airbyteVariables } from './variables';

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used. The message names the variable and what to do, and never a secret. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';

  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}`);
  }
}

type Value<Name extends AirbyteVariable> = z.output<(typeof airbyteVariables.shape)[Name]>;

/**
 * Reads a variable and checks it as {@link airbyteVariables} says. A variable that is empty counts as not set.
 *
 * @throws InvalidEnvironmentError
 */
export function readVariable<Name extends AirbyteVariable>(environment: Environment, name: Name): Value<Name> {
  return check(name, environment[name] || undefined, name);
}

/**
 * Reads a credential from its variable, or from the file that `<name>_FILE` names. Editors, `echo` and secret stores add a
 * line end to a file, which is no part of the credential.
 *
 * @throws InvalidEnvironmentError
 */
export function readCredential<Name extends AirbyteVariable>(environment: Environment, name: Name): Value<Name> {
  const fileVariable = `${name}_FILE`;
  const file = environment[fileVariable] || undefined;
  const text = environment[name] || undefined;
  if (file === undefined) return check(name, text && (withoutLineEnd(text) || undefined), name);
  if (text !== undefined) {
    throw new InvalidEnvironmentError(fileVariable, `and ${name} are both set. Keep one of them.`);
  }
  const content = withoutLineEnd(readFile(fileVariable, file));
  if (content === '') throw new InvalidEnvironmentError(fileVariable, `names an empty file: ${file}.`);
  return check(name, content, fileVariable);
}

/** @param source the variable that the error names */
function check<Name extends AirbyteVariable>(name: Name, text: string | undefined, source: string): Value<Name> {
  const { success, data, error } = airbyteVariables.shape[name].safeParse(text);
  if (!success) throw new InvalidEnvironmentError(source, error.issues[0]?.message ?? 'cannot be used.');
  return data as Value<Name>;
}

function readFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidEnvironmentError(variable, `names a file that cannot be read: ${messageOf(error)}.`);
  }
}
