#!/bin/sh
# Makes the databases of a Temporal server, or brings them up to the version of this image. Can be run again.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal-db-password)"
export SQL_PASSWORD

for database in temporal:temporal temporal_visibility:visibility; do
  name="${database%%:*}"
  schema="/etc/temporal/schema/postgresql/v12/${database##*:}/versioned"
  # These two fail when it is there already; what else may be wrong with it, the third one says.
  temporal-sql-tool --db "$name" create || true
  temporal-sql-tool --db "$name" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$name" update-schema -d "$schema"
done
