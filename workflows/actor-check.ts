import type { AppliedActor } from '../src/contract/actor';
import { findSecretReferences } from '../src/text/secrets/secret-references';
import { hasType } from './failures';

/** A source or a destination that has just been set up, and whose connection check follows. */
export interface CheckableActor extends AppliedActor {
  /** As the document has it, with its secrets by name. */
  configuration: unknown;
  /** Checks it. */
  check(): Promise<void>;
  /** Sends its configuration again. */
  update(): Promise<AppliedActor>;
}

/**
 * Checks an actor. Airbyte masks secrets, so one that has changed since the actor was created does not show: when the check
 * of an actor that was left as it was fails, its configuration is sent again and it is checked once more.
 *
 * @returns false where this Airbyte has no checks
 */
export async function checkActor(actor: CheckableActor): Promise<boolean> {
  const wasLeft = !actor.created && !actor.updated;
  try {
    await actor.check();
    return true;
  } catch (error) {
    if (hasType(error, 'AirbyteUnsupported')) {
      // Nothing tells then that a secret has changed, so secrets are sent once more.
      if (wasLeft && findSecretReferences(actor.configuration).length > 0) await actor.update();
      return false;
    }
    if (!hasType(error, 'AirbyteCheckFailed') || !wasLeft) throw error;
    await actor.update().catch((reason: unknown) => {
      // A server that updates nothing leaves the failed check as what is wrong.
      throw hasType(reason, 'AirbyteUnsupported') || hasType(reason, 'AirbyteNotFound') ? error : reason;
    });
    await actor.check();
    return true;
  }
}
