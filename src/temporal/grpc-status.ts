/** Reads the gRPC errors of Temporal's client. */
import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** The gRPC status codes that this project distinguishes (https://grpc.io/docs/guides/status-codes/). */
export const GRPC_STATUS = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The gRPC error in an error of Temporal's client; undefined if the server has not responded. */
export function grpcErrorOf(error: unknown) {
  const reason = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(reason) ? reason : undefined;
}
