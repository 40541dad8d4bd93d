#!/bin/sh
# Creates the namespace of TEMPORAL_NAMESPACE if it is missing. The CLI reads its address from TEMPORAL_ADDRESS.
set -eu
temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
