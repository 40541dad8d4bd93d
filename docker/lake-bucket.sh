#!/bin/sh
# Creates the bucket `lake` in MinIO if it is missing.
set -eu
mc alias set lake http://lake:9000 "$(cat /run/secrets/lake-access-key)" "$(cat /run/secrets/lake-secret-key)" >/dev/null
mc mb --ignore-existing lake/lake
