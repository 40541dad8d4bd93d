#!/bin/sh
# Creates the databases of a Temporal server, or updates their schemas to the version of this image. It may run again.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal-db-password)"
export SQL_PASSWORD

for database in temporal:temporal temporal_visibility:visibility; do
  name="${database%%:*}"
  schema="/etc/temporal/schema/postgresql/v12/${database##*:}/versioned"
  # The first two fail if the database exists already; the third one reports every other problem.
  temporal-sql-tool --db "$name" create || true
  temporal-sql-tool --db "$name" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$name" update-schema -d "$schema"
done
