/** One response of the sandbox, ready to send. A string body is sent as it is. */
export interface ApiResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
