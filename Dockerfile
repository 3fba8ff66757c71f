# One program and nothing else, for `docker run --rm -v "$PWD:/src:ro" ghcr.io/hardlint/hardlint check`. Both architectures are built on the
# machine that builds: linking them needs no more than the linker that Rust brings.
FROM --platform=$BUILDPLATFORM rust:1.95-slim-bookworm AS build
ARG TARGETARCH
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY benches benches
COPY crates crates
COPY rules rules
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
RUN set -eu; \
    case "$TARGETARCH" in amd64) arch=x86_64 ;; arm64) arch=aarch64 ;; *) echo "no build for $TARGETARCH" >&2; exit 1 ;; esac; \
    rustup target add "$arch-unknown-linux-musl"; \
    cargo build --release --locked -p hardlint --bin hardlint --target "$arch-unknown-linux-musl"; \
    cp "target/$arch-unknown-linux-musl/release/hardlint" /hardlint

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /hardlint /hardlint
# What is checked is mounted here, and only read.
WORKDIR /src
USER 65532:65532
ENTRYPOINT ["/hardlint"]
CMD ["check"]
