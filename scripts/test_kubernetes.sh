#!/usr/bin/env bash
# Checks kubernetes/ and charts/ by the libraries of kustomize, Helm and Kubernetes, the alerts by
# promtool, and leaves the rendered overlays in <build folder>/kubernetes for the test of the pod.
#   scripts/test_kubernetes.sh <build folder>
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
. scripts/go.sh "$build"

run_go vet -C tests/kubernetes .
TEST_BUILD=$build run_go test -C tests/kubernetes -count=1 .

mkdir -p "$build/kubernetes"
run_go build -C tests/kubernetes -o "$tools/kubernetes" .
for folder in kubernetes/overlays/{development,staging,production} \
  kubernetes/restore tests/kubernetes/with-tls; do
  "$tools/kubernetes" render "$folder" >"$build/kubernetes/$(basename "$folder").json"
done

promtool=$(scripts/find_promtool.sh "$build")
"$promtool" check rules charts/dvecdb/files/alerts.yaml
"$promtool" test rules charts/dvecdb/files/alerts_test.yaml
"$promtool" check config --syntax-only docker/prometheus.yaml
