# Sluice without plugins, for linux/amd64 and linux/arm64; deploy/Dockerfile.example puts plugins on top of it.
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t sluice:0.1.0 .

# Calls the compilers of the machine that builds for the one that is built for.
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx

FROM --platform=$BUILDPLATFORM rust:1.95.0-alpine AS build
COPY --from=xx / /
# For the C and assembly of ring, and to link.
RUN apk add --no-cache clang lld musl-dev
WORKDIR /src
COPY . .
# Once for all platforms.
RUN cargo fetch --locked
ARG TARGETPLATFORM
RUN xx-apk add --no-cache gcc musl-dev
# Static, because vCluster runs it in its own container, whose libc is not ours to choose.
RUN xx-cargo build --release --locked --package sluice --target-dir /target && \
    mkdir -p /image/plugin/plugins && \
    cp /target/*/release/sluice /image/plugin/plugin && \
    xx-verify --static /image/plugin/plugin

# vCluster gets a plugin out of its image by `sh -c "cp -r /plugin /plugins/KEY"`, so a shell and cp have to be there:
# an empty image or one of a binary alone will not do. This one is a static busybox of some 1 MB and nothing else, without
# libc, packages or a package manager. Sluice itself never calls it.
FROM busybox:1.37.0-musl
# Whom to trust as a registry of plugins.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /image/ /
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
ENTRYPOINT ["/plugin/plugin"]
