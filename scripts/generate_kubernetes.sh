#!/usr/bin/env bash
# Writes the files that are made of others: kubernetes/base/prometheus-rule.yaml of the chart's
# alerts, and the table in charts/dvecdb/README.md of its values.
#   scripts/generate_kubernetes.sh [build folder]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/go.sh "${1:-build}"
run_go build -C tests/kubernetes -o "$tools/kubernetes" .
"$tools/kubernetes" generate
