#!/bin/sh
# Syncs one connection for cron, which mails what a command prints: nothing after a success, and otherwise the reason.
#
#   airbyte-sync.sh CONNECTION [OPTIONS OF temporal-airbyte sync]
#
# Ends with the exit code of temporal-airbyte. While Temporal or Airbyte is out of reach (3) it retries. A sync that was
# running continues in Temporal meanwhile, and the next attempt waits for it.
set -u

ATTEMPTS="${ATTEMPTS:-5}"
SECONDS_BETWEEN="${SECONDS_BETWEEN:-60}"

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

attempt=1
while :; do
  temporal-airbyte sync "$@" --wait --on-interrupt cancel >"$log" 2>&1
  code=$?
  [ "$code" -eq 3 ] && [ "$attempt" -lt "$ATTEMPTS" ] || break
  attempt=$((attempt + 1))
  sleep "$SECONDS_BETWEEN"
done

case "$code" in
  0) exit 0 ;;
  1) echo "The sync of '$1' failed." ;;
  2) echo "The sync of '$1' cannot be started like this, and a retry would fail again." ;;
  3) echo "Temporal or Airbyte was out of reach for the sync of '$1', $attempt times." ;;
  130) echo "The sync of '$1' was interrupted." ;;
esac
cat "$log"
exit "$code"
