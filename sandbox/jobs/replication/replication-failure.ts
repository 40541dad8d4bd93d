/** Why a sync failed, and on which side. */
import type { ConnectorFailureType } from '../../connectors/protocol';

/** Why a sync failed, in the terms of Airbyte's failure reasons. */
export interface ReplicationFailure {
  origin: Origin;
  type: ConnectorFailureType;
  message: string;
}

export type Origin = 'source' | 'destination' | 'replication';

/** The error of one side of a sync. */
export class OriginatedError extends Error {
  constructor(
    readonly origin: Origin,
    override readonly cause: unknown,
  ) {
    super(`the ${origin} failed`);
  }
}

/** Runs work of one side, and marks its error with that side. */
export async function withOrigin<Result>(origin: Origin, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OriginatedError ? error : new OriginatedError(origin, error);
  }
}
