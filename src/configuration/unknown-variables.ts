import { nearestName } from '../text/nearest-name';
import type { Environment } from './read-variable';
import { airbyteVariables, documentation } from './variables';

const PREFIX = 'AIRBYTE_';

/** A variable `AIRBYTE_*` that nothing reads. */
export interface UnknownVariable {
  name: string;
  /** The known variable that was probably meant. */
  nearest?: string;
}

/** The variables `AIRBYTE_*` that are set and that nothing reads: a misspelt one would otherwise be ignored silently. */
export function unknownVariables(environment: Environment): UnknownVariable[] {
  const known = knownNames();
  const set = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && environment[name]);
  return set
    .filter((name) => !known.includes(name))
    .sort()
    .map((name) => {
      // The prefix, which all have, would make any two names look alike.
      const nearest = nearestName(
        name.slice(PREFIX.length),
        known.map((each) => each.slice(PREFIX.length)),
      );
      return { name, ...(nearest !== undefined && { nearest: `${PREFIX}${nearest}` }) };
    });
}

function knownNames(): string[] {
  return Object.entries(airbyteVariables.shape).flatMap(([name, schema]) =>
    documentation.get(schema)?.orFile ? [name, `${name}_FILE`] : [name],
  );
}
