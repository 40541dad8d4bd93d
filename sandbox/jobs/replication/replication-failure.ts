/** Why a sync failed, and which of its sides it was. */
import type { ConnectorFailureType } from '../../connectors/protocol';

/** Why a sync failed, in the terms of Airbyte's failure reasons. */
export interface ReplicationFailure {
  origin: Origin;
  type: ConnectorFailureType;
  message: string;
}

export type Origin = 'source' | 'destination' | 'replication';

/** What one side failed with. */
export class OriginatedError extends Error {
  constructor(
    readonly origin: Origin,
    override readonly cause: unknown,
  ) {
    super(`the ${origin} failed`);
  }
}

/** Runs work in the name of one side, so that a failure is known for that side's. */
export async function inTheNameOf<Result>(origin: Origin, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OriginatedError ? error : new OriginatedError(origin, error);
  }
}
