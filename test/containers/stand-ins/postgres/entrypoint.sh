#!/bin/sh
# Makes a database in PGDATA when there is none, as the image `postgres` does, and runs PostgreSQL. It runs as `postgres` only.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  # Only on its socket, so that no health check takes it for ready.
  pg_ctl --wait --options="-c listen_addresses=''" start
  database="${POSTGRES_DB:-$POSTGRES_USER}"
  [ "$database" = postgres ] || createdb --username="$POSTGRES_USER" "$database"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -e "$file" ] || psql --username="$POSTGRES_USER" --dbname="$database" --set=ON_ERROR_STOP=1 --quiet --file="$file"
  done
  pg_ctl --wait --mode=fast stop
fi
exec "$@"
