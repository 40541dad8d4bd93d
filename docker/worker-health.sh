#!/bin/bash
# The health check of the worker's image: it passes while the worker polls for tasks and Temporal responds to it. An Airbyte that
# is down does not matter, because the worker waits for it. Bash makes the request itself: the image has no program for that but
# Node.js, which takes a second of processor time to start.
set -eu

address="${AIRBYTE_METRICS_ADDRESS:-}"
if [ -z "$address" ]; then
  echo 'AIRBYTE_METRICS_ADDRESS is empty, so the worker does not show its health. Set it, for example to 127.0.0.1:9464.' >&2
  exit 1
fi
host=127.0.0.1
if [[ $address == *:* ]]; then host="${address%:*}"; fi
host="${host#[}"
host="${host%]}"

exec 3<>"/dev/tcp/$host/${address##*:}"
printf 'GET /readyz/temporal HTTP/1.0\r\n\r\n' >&3
read -r -u 3 _ status _
if [ "$status" = 200 ]; then exit 0; fi
# The body, which says why.
sed '1,/^\r$/d' <&3 >&2
exit 1
