# To be sourced: `run_go <arguments>` is a Go that can build tests/kubernetes, with its modules and
# its cache in the build folder; $tools is the folder for what is built.
#   . scripts/go.sh <build folder>
mkdir -p "$1/tools"
tools=$(realpath "$1/tools")
export GOMODCACHE=$tools/go/modules GOCACHE=$tools/go/cache GOFLAGS="-modcacherw -buildvcs=false"

# The release that tests/kubernetes/go.mod names, for machines whose Go is older.
go_release=1.24.9

# Debian 12's Go cannot fetch a newer one by itself; the module proxy has it as a module, which that
# Go checks against the public checksums.
find_go() {
  local minor
  minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  if [ -z "$minor" ]; then
    echo "There is no Go on this machine: apt-get install golang-go" >&2
    return 1
  fi
  if [ "$minor" -ge 24 ]; then
    command -v go
    return
  fi
  local module=golang.org/toolchain@v0.0.1-go$go_release.linux-$(go env GOARCH)
  [ -d "$GOMODCACHE/$module" ] || (cd "$tools" && go mod download "$module") >&2
  chmod +x "$GOMODCACHE/$module"/bin/* "$GOMODCACHE/$module"/pkg/tool/*/*
  echo "$GOMODCACHE/$module/bin/go"
}

run_go() {
  [ -n "${go_program:-}" ] || go_program=$(find_go)
  "$go_program" "$@"
}
