#!/bin/sh
# Makes the files of docker-compose.yml's secrets that are missing. Run again, it changes nothing.
#   sh docker/make-secrets.sh [folder]      (default: .secrets of this repository, which git ignores)
set -eu
folder="${1:-"$(dirname "$0")/../.secrets"}"

# The containers' users have other numbers than yours, so that they need to be allowed to read the files. On this
# machine, only you get through the folder.
umask 077
mkdir -p "$folder"

make() {
  [ -e "$folder/$1" ] || cat >"$folder/$1"
  chmod 444 "$folder/$1"
}
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

for name in temporal-db-password shop-password lake-access-key lake-secret-key airbyte-webhook-secret; do
  random | make "$name"
done
# The keys that encrypt what Temporal stores, if .env names them: docs/encryption.md.
printf '%s %s\n' "$(date +%Y-%m)" "$(head -c 32 /dev/urandom | base64)" | make airbyte-codec-keys
# Those of an Airbyte of your own: replace the one that it needs, and name it in .env (see .env.example).
for name in airbyte-password airbyte-token airbyte-client-secret; do
  make "$name" </dev/null
done
