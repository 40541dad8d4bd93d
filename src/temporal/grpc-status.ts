import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** The gRPC status codes (https://grpc.io/docs/guides/status-codes/) that what this project does depends on. */
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

/** What Temporal has answered with, out of what its client makes of it; undefined where it is no answer. */
export function grpcErrorOf(error: unknown) {
  const reason = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(reason) ? reason : undefined;
}
