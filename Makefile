# make run    build, start the server with a demo set, show a search
# make test   build and run every test
# make build  build everything (Release) into build/
# make install-extension  build the extension for a PostgreSQL and install it; PG_CONFIG=<its pg_config>
# make install-extension-as-vector  the same, and CREATE EXTENSION vector finds it too
# make test-migration  move a database from Debian 13's pgvector to the extension; as root
# make test-extension-16  all tests of the extension with PostgreSQL 16 (from a Python package)
# make test-extension-debian13  the same with Debian 13's PostgreSQL 17; as root
# make test-extension-debian-next  the same with the next Debian's PostgreSQL 18; as root
# make test-pg-upgrade  pg_upgrade from PostgreSQL 15 to 17 with vector indexes; as root
# make test-sanitizers   unit tests and a server under ASan+UBSan and TSan
# make images            build the images of the server and of PostgreSQL with the extension; as root
# make test-images       build the images, run and check them; as root
# make test-cluster      run the guides of kubernetes/ and charts/ on a cluster; as root; ARGS=--write
# make bench-kernels     distance kernels against the ports, memory and peers; ARGS=--isa=avx2
# make bench-flat        exact scans against memory's bandwidth and FAISS
# make bench-filter      searches with filters: recall and speed by share and correlation
# make bench-rest        filters of REST with and without an index on their field
# make bench-disk        searches with four times as many vectors as fit into memory; SET=, FOLDER=
# make bench-load        inserts and searches through the wire
# make bench-ann         the index beside its peers: recall and speed; DATA=<folder of sets>, FULL=1,
#                        ARGS=<options of dvecdb_bench_ann>
# make bench-pgvector    the extension beside Debian 13's pgvector; DATA=, FULL=1 likewise; as root

SHELL := /bin/bash
BUILD := build
JOBS ?= $(shell nproc)
PG_CONFIG ?= pg_config

.PHONY: run build test install-extension install-extension-as-vector test-migration test-extension-16 test-extension-debian13 test-extension-debian-next test-pg-upgrade test-sanitizers images test-images test-cluster bench-kernels bench-flat bench-filter bench-rest bench-load bench-ann bench-disk bench-pgvector clean

run:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb dvecdb_demo
	@scripts/run.sh $(BUILD)

build:
	@scripts/install_packages.sh build test
	@scripts/build.sh $(BUILD) $(JOBS)

test: build
	@scripts/prepare_tests.sh $(BUILD)
	cd $(BUILD) && ctest --parallel 2 --output-on-failure --no-tests=error

install-extension:
	@PG_CONFIG=$(PG_CONFIG) scripts/install_packages.sh extension
	@scripts/install_extension.sh $(BUILD) $(JOBS) $(PG_CONFIG)

install-extension-as-vector:
	@PG_CONFIG=$(PG_CONFIG) scripts/install_packages.sh extension
	@scripts/install_extension.sh $(BUILD) $(JOBS) $(PG_CONFIG) vector

test-sanitizers:
	@scripts/install_packages.sh build test
	@scripts/test_sanitizers.sh $(JOBS)

test-migration:
	@scripts/install_packages.sh bench_pgvector
	@tests/extension/migrate/from_debian13.sh $(BUILD) $(JOBS)

images:
	@scripts/install_packages.sh images
	@scripts/build_images.sh $(BUILD)

# What the tests need is compiled once: the images take it from the compiler's cache.
test-images:
	@scripts/install_packages.sh build test images
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb dvecdb_extension
	@scripts/prepare_tests.sh $(BUILD)
	@scripts/build_images.sh $(BUILD)
	@scripts/test_images.sh $(BUILD)

test-extension-16:
	@scripts/install_packages.sh build test
	@scripts/prepare_tests.sh $(BUILD)
	@scripts/test_extension_16.sh $(BUILD) $(JOBS) $(ARGS)

test-cluster:
	@scripts/install_packages.sh images cluster
	@scripts/build_images.sh $(BUILD) dvecdb
	@nice scripts/test_cluster.sh $(BUILD) $(ARGS)

test-extension-debian13:
	@scripts/install_packages.sh bench_pgvector
	@scripts/test_extension_debian.sh $(BUILD) $(JOBS) 13 $(ARGS)

test-extension-debian-next:
	@scripts/install_packages.sh bench_pgvector
	@scripts/test_extension_debian.sh $(BUILD) $(JOBS) next $(ARGS)

test-pg-upgrade:
	@scripts/install_packages.sh build test bench_pgvector
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_extension
	@scripts/test_pg_upgrade.sh $(BUILD) $(JOBS)

# Configured anew, so that peers installed since are found.
bench-kernels:
	@scripts/install_packages.sh build bench
	@cmake -S . -B $(BUILD) -G Ninja $(if $(wildcard $(BUILD)/CMakeCache.txt),,-DCMAKE_BUILD_TYPE=Release) >/dev/null
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_kernels
	@$(BUILD)/bin/dvecdb_bench_kernels $(ARGS)

bench-flat:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_flat
	@OMP_WAIT_POLICY=passive $(BUILD)/bin/dvecdb_bench_flat

bench-filter:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_filter
	$(BUILD)/bin/dvecdb_bench_filter

bench-rest:
	@scripts/install_packages.sh build test
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb
	@scripts/prepare_tests.sh $(BUILD)
	@PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 TEST_BUILD=$(abspath $(BUILD)) \
		$(BUILD)/python/bin/python bench/rest/filters.py

bench-disk:
	@scripts/install_packages.sh build bench
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_disk
	@bench/disk/run.sh $(BUILD) $(or $(SET),mixture-200k-768) $(FOLDER)

bench-load:
	@scripts/install_packages.sh build
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb dvecdb_bench_load
	@bench/load/run.sh $(BUILD)

# Configured anew, so that peers installed since are found.
bench-ann:
	@scripts/install_packages.sh build bench
	@cmake -S . -B $(BUILD) -G Ninja $(if $(wildcard $(BUILD)/CMakeCache.txt),,-DCMAKE_BUILD_TYPE=Release) >/dev/null
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_ann
	@bench/ann/run.sh $(BUILD) $(if $(FULL),--full) $(if $(DATA),--data $(DATA)) $(ARGS)

bench-pgvector:
	@scripts/install_packages.sh build bench bench_pgvector
	@scripts/build.sh $(BUILD) $(JOBS) dvecdb_bench_pgvector
	@bench/pgvector/run.sh $(BUILD) $(JOBS) $(if $(FULL),--full) $(if $(DATA),--data $(DATA)) $(ARGS)

clean:
	rm -rf $(BUILD) build-asan build-tsan
