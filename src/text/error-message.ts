/** The message of an error, or of any other thrown object that has one; the text of anything else that was thrown. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : String(error);
}
