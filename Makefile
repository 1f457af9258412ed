# make run    build, start the server with a demo set, show a search
# make test   build and run every test
# make build  build everything (Release) into build/
# make test-sanitizers   unit tests and a server under ASan+UBSan and TSan
# make bench-load        inserts and searches through the wire

SHELL := /bin/bash
BUILD := build
JOBS ?= $(shell nproc)

.PHONY: run build test test-sanitizers bench-load clean

run:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb dvecdb_demo
	@scripts/run.sh $(BUILD)

build:
	@scripts/install_packages.sh build test
	@scripts/build.sh $(BUILD) $(JOBS)

test: build
	@scripts/prepare_tests.sh $(BUILD)
	cd $(BUILD) && ctest --output-on-failure --no-tests=error

test-sanitizers:
	@scripts/install_packages.sh build test
	@scripts/test_sanitizers.sh $(JOBS)

bench-load:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb dvecdb_bench_load
	@bench/load/run.sh $(BUILD)

clean:
	rm -rf $(BUILD) build-asan build-tsan
