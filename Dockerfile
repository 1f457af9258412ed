# The server: docker build -t dvecdb:0.1.0 .   (or scripts/build_images.sh, without an engine)
ARG DEBIAN=docker.io/library/debian:bookworm-slim

FROM ${DEBIAN} AS build
WORKDIR /source
COPY scripts/install_packages.sh scripts/
RUN scripts/install_packages.sh server && apt-get install -y -qq --no-install-recommends ccache
# The cache serves the next build on the same machine; an empty one changes nothing.
ENV CCACHE_DIR=/ccache CCACHE_BASEDIR=/source CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 \
    CCACHE_COMPILERCHECK=content CCACHE_SLOPPINESS=locale \
    CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
COPY . .
RUN --mount=type=cache,id=ccache,target=/ccache \
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DDVECDB_BUILD_TESTS=OFF \
      -DDVECDB_BUILD_BENCH=OFF \
 && cmake --build build --target dvecdb \
 && strip -o dvecdb build/bin/dvecdb
# Of these only headers are used: they are part of the binary.
RUN docker/packages.sh libboost1.81-dev libsimde-dev libtomlplusplus-dev > compiled-in

FROM ${DEBIAN}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="d-vecDB" \
      org.opencontainers.image.description="Vector search that speaks PostgreSQL" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim" \
      io.dvecdb.sbom="/usr/share/sbom/dvecdb.spdx.json"
COPY docker/ /tmp/docker/
COPY --from=build /source/compiled-in /tmp/docker/
RUN /tmp/docker/install_runtime.sh libboost-json1.81.0 libfmt9 libpcre2-8-0 libpg-query1504.0 \
      libpq5 libprometheus-cpp-core1.0 libroaring0 libspdlog1.10 libsqlite3-0 libssl3 tzdata \
 && groupadd --gid 1000 dvecdb \
 && useradd --uid 1000 --gid 1000 --home-dir /var/lib/dvecdb --shell /usr/sbin/nologin dvecdb \
 && install -d -o dvecdb -g dvecdb -m 700 /var/lib/dvecdb \
 && install -d /usr/share/sbom \
 && /tmp/docker/sbom.sh dvecdb "${VERSION}" "${CREATED}" /tmp/docker/compiled-in \
      > /usr/share/sbom/dvecdb.spdx.json \
 && rm -rf /tmp/docker
COPY --from=build /source/dvecdb /usr/local/bin/dvecdb
USER 1000:1000
# Reachable from elsewhere, so the server asks for DVECDB_SUPERUSER_PASSWORD(_FILE) before it starts.
ENV DVECDB_DATA_DIR=/var/lib/dvecdb/data DVECDB_LISTEN=0.0.0.0
VOLUME /var/lib/dvecdb
EXPOSE 5433 8080 9091
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["dvecdb", "healthcheck"]
ENTRYPOINT ["dvecdb"]
