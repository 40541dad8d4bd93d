/*
 * Loaded with `node --require` into a child process that has an IPC channel to us. The system closes the channel however
 * we end, a kill included, and then the child ends as well: nothing that the demo starts is left behind.
 */
const GRACE_MS = 10_000;

process.channel?.unref();
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
