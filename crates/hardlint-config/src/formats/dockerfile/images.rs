//! What is known of images that are not at hand: the user that they run as.
//!
//! A row says what the publisher's Dockerfile says of `USER`. Those of `denoland/deno`, `oven/bun` and `prom/node-exporter`
//! were read again in November 2026; the others are general knowledge of long standing and have not been checked one by
//! one. Where versions differ, the row has the newer ones, and only in the direction that keeps quiet: an image is called
//! root's only if none of its versions is known to be another's. An image that is not listed is unknown, and nothing is
//! said about it.

/// The user an image runs as if its Dockerfile says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaseUser {
    /// root, and so does its process.
    Root,
    /// root, but its entrypoint gives the rights up before it starts the program that it is for.
    RootThenDrops,
    /// This user.
    Other(&'static str),
}

use BaseUser::{Other, Root, RootThenDrops};

/// Images by their name without registry defaults and tag; `*` stands for anything. The first row that fits counts.
/// The second column is a part that the tag must have.
const IMAGES: &[(&str, &str, BaseUser)] = &[
    // Users of their own, by number or name.
    ("nginxinc/nginx-unprivileged", "", Other("101")),
    ("gcr.io/distroless/*", "nonroot", Other("65532")),
    ("gcr.io/distroless/*", "", Root),
    ("cgr.dev/chainguard/*", "", Other("65532")),
    ("bitnami/minideb", "", Root),
    ("bitnami/*", "", Other("1001")),
    ("bitnamilegacy/*", "", Other("1001")),
    // The bare ones are root's, those of languages and servers are not.
    ("registry.access.redhat.com/ubi*/ubi*", "", Root),
    ("registry.access.redhat.com/ubi*/*", "", Other("1001")),
    ("registry.redhat.io/ubi*/ubi*", "", Root),
    ("quay.io/sclorg/*", "", Other("1001")),
    // `USER $APP_UID` stands in the chiseled variants only.
    ("mcr.microsoft.com/dotnet/*", "chiseled", Other("1654")),
    ("mcr.microsoft.com/dotnet/*", "distroless", Other("1654")),
    ("mcr.microsoft.com/dotnet/*", "nanoserver", Other("ContainerUser")),
    ("mcr.microsoft.com/dotnet/sdk", "", Root),
    ("mcr.microsoft.com/dotnet/aspnet", "", Root),
    ("mcr.microsoft.com/dotnet/runtime*", "", Root),
    ("apache/airflow", "", Other("50000")),
    ("puckel/docker-airflow", "", Other("airflow")),
    ("apache/superset", "", Other("superset")),
    ("grafana/grafana", "", Other("472")),
    ("grafana/grafana-oss", "", Other("472")),
    ("grafana/grafana-enterprise", "", Other("472")),
    ("grafana/loki", "", Other("10001")),
    ("prom/prometheus", "", Other("nobody")),
    ("prom/alertmanager", "", Other("nobody")),
    ("prom/node-exporter", "", Other("nobody")),
    ("prom/pushgateway", "", Other("nobody")),
    ("jenkins/jenkins", "", Other("jenkins")),
    // Since 8.0; before, the entrypoint gave root's rights up.
    ("docker.elastic.co/elasticsearch/*", "", Other("1000")),
    ("docker.elastic.co/kibana/*", "", Other("1000")),
    ("docker.elastic.co/logstash/*", "", Other("1000")),
    ("elasticsearch", "", Other("1000")),
    ("kibana", "", Other("1000")),
    ("logstash", "", Other("1000")),
    ("quay.io/keycloak/keycloak", "", Other("1000")),
    // Since 2.4.
    ("haproxy", "", Other("haproxy")),
    ("memcached", "", Other("memcache")),
    ("varnish", "", Other("varnish")),
    ("solr", "", Other("solr")),
    ("n8nio/n8n", "", Other("node")),
    ("groovy", "", Other("groovy")),
    ("mambaorg/micromamba", "", Other("mambauser")),
    // Their entrypoints give rights up with gosu, su-exec or setpriv.
    ("postgres", "", RootThenDrops),
    ("postgis/postgis", "", RootThenDrops),
    ("pgvector/pgvector", "", RootThenDrops),
    ("timescale/timescaledb", "", RootThenDrops),
    ("redis", "", RootThenDrops),
    ("valkey/valkey", "", RootThenDrops),
    ("mysql", "", RootThenDrops),
    ("mariadb", "", RootThenDrops),
    ("mongo", "", RootThenDrops),
    ("rabbitmq", "", RootThenDrops),
    ("cassandra", "", RootThenDrops),
    ("couchdb", "", RootThenDrops),
    ("influxdb", "", RootThenDrops),
    ("ghost", "", RootThenDrops),
    ("zookeeper", "", RootThenDrops),
    // Servers whose master process is root and whose workers are not.
    ("nginx", "", RootThenDrops),
    ("httpd", "", RootThenDrops),
    ("openresty/openresty", "", RootThenDrops),
    ("php", "apache", RootThenDrops),
    ("php", "fpm", RootThenDrops),
    ("wordpress", "cli", Other("www-data")),
    ("wordpress", "", RootThenDrops),
    ("nextcloud", "", RootThenDrops),
    // Systems and languages whose Dockerfiles have no `USER`.
    ("adoptopenjdk*", "", Root),
    ("adoptopenjdk/*", "", Root),
    ("almalinux*", "", Root),
    ("alpine", "", Root),
    ("amazoncorretto", "", Root),
    ("amazonlinux", "", Root),
    ("archlinux", "", Root),
    ("bash", "", Root),
    ("buildpack-deps", "", Root),
    ("busybox", "", Root),
    ("caddy", "", Root),
    ("centos", "", Root),
    ("clojure", "", Root),
    ("composer", "", Root),
    ("continuumio/anaconda3", "", Root),
    ("continuumio/miniconda3", "", Root),
    ("dart", "", Root),
    ("debian", "", Root),
    ("denoland/deno", "", Root),
    ("eclipse-temurin", "", Root),
    ("elixir", "", Root),
    ("erlang", "", Root),
    ("fedora", "", Root),
    ("gcc", "", Root),
    ("ghcr.io/astral-sh/uv", "", Root),
    ("golang", "", Root),
    ("haskell", "", Root),
    ("hashicorp/terraform", "", Root),
    ("ibmjava", "", Root),
    ("jruby", "", Root),
    ("julia", "", Root),
    ("maven", "", Root),
    ("node", "", Root),
    ("nvidia/cuda", "", Root),
    ("openjdk", "", Root),
    ("opensuse/*", "", Root),
    ("oraclelinux", "", Root),
    ("oven/bun", "", Root),
    ("perl", "", Root),
    ("php", "", Root),
    ("phusion/baseimage", "", Root),
    ("photon", "", Root),
    ("public.ecr.aws/amazonlinux/*", "", Root),
    ("pypy", "", Root),
    ("python", "", Root),
    ("pytorch/pytorch", "", Root),
    ("r-base", "", Root),
    ("rockylinux*", "", Root),
    ("ruby", "", Root),
    ("rust", "", Root),
    ("swift", "", Root),
    ("tensorflow/tensorflow", "", Root),
    ("tiangolo/meinheld*", "", Root),
    ("tiangolo/uvicorn*", "", Root),
    ("tiangolo/uwsgi*", "", Root),
    ("tomcat", "", Root),
    ("traefik", "", Root),
    ("ubuntu", "", Root),
];

/// An image's name without what Docker adds by itself, and its tag; the digest is left out.
pub(in crate::formats) fn split(image: &str) -> (&str, &str) {
    let name = image.split('@').next().unwrap_or(image);
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name.get(slash..).and_then(|last| last.find(':')) {
        Some(colon) => (name.get(..slash + colon).unwrap_or(name), name.get(slash + colon + 1..).unwrap_or("")),
        None => (name, ""),
    };
    let name = name.strip_prefix("index.docker.io/").or_else(|| name.strip_prefix("docker.io/")).unwrap_or(name);
    let name = name.strip_prefix("public.ecr.aws/docker/library/").unwrap_or(name);
    let own = ARCHITECTURES.iter().find_map(|start| name.strip_prefix(start)?.strip_prefix('/'));
    (own.or_else(|| name.strip_prefix("library/")).unwrap_or(name), tag)
}

/// What Docker's own images for one architecture go by besides: `arm64v8/debian` is `debian`.
const ARCHITECTURES: &[&str] =
    &["amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64", "s390x"];

/// The user that an image runs as, if it is known.
pub(super) fn user(image: &str) -> Option<BaseUser> {
    let (name, tag) = split(image);
    // A look at the first letter spares most of the rows.
    let first = name.as_bytes().first();
    let near = |pattern: &str| pattern.starts_with('*') || pattern.as_bytes().first() == first;
    let row = IMAGES.iter().find(|(pattern, part, _)| near(pattern) && matches(pattern, name) && tag.contains(part));
    row.map(|(_, _, user)| *user)
}

/// Whether an image that is root's starts a server where nothing else is said.
pub(super) fn serves(image: &str) -> bool {
    let (name, _) = split(image);
    matches!(name, "caddy" | "tomcat" | "traefik") || name.starts_with("tiangolo/")
}

/// Whether an image is for Windows, where other names mean root.
pub(super) fn is_windows(image: &str) -> bool {
    let (name, tag) = split(image);
    let mut words = name.split(['/', '-', '_', '.']);
    let is_one = |word: &str| word == "windows" || word == "windowsservercore" || word == "nanoserver";
    words.any(is_one) || tag.contains("nanoserver") || tag.contains("windowsservercore")
}

/// Official images that there are for Linux alone (docker-library/official-images, `Architectures` of November 2026).
const LINUX_ALONE: &[&str] = &[
    "almalinux",
    "alpine",
    "amazonlinux",
    "archlinux",
    "busybox",
    "buildpack-deps",
    "centos",
    "debian",
    "fedora",
    "httpd",
    "mariadb",
    "memcached",
    "mysql",
    "nginx",
    "node",
    "php",
    "postgres",
    "rabbitmq",
    "redis",
    "rockylinux",
    "ruby",
    "rust",
    "ubuntu",
];

/// What only shells and systems of the Unix kind know, in the text of a step.
const UNIX: &[&str] = &[
    "/bin/", "/etc/", "/usr/", "/var/", "apk add", "apt ", "apt-get", "chmod", "chown", "dnf ", "yum ", "| bash",
    "| sh", "|bash", "|sh",
];

/// Whether there is an image for Linux alone.
pub(super) fn is_for_linux_alone(image: &str) -> bool {
    LINUX_ALONE.contains(&split(image).0)
}

/// Whether a step says what only Unix knows.
pub(super) fn is_unix(step: &str) -> bool {
    UNIX.iter().any(|word| step.contains(word))
}

fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = name;
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let mut open = false;
    for part in parts {
        open = part.is_empty();
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    open || rest.is_empty() || (pattern.contains('*') && !pattern.ends_with('*') && rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_docker_reads_them() {
        assert_eq!(split("docker.io/library/python:3.12@sha256:0"), ("python", "3.12"));
        assert_eq!(split("arm64v8/debian:9"), ("debian", "9"));
        assert_eq!(split("arm64v8x/debian:9"), ("arm64v8x/debian", "9"));
        assert_eq!(split("localhost:5000/app"), ("localhost:5000/app", ""));
        assert_eq!(split("localhost:5000/app:1"), ("localhost:5000/app", "1"));
    }

    #[test]
    fn users_are_known_for_listed_images_only() {
        for (image, expected) in [
            ("python:3.12-slim", Some(Root)),
            ("docker.io/library/debian", Some(Root)),
            ("postgres:16", Some(RootThenDrops)),
            ("bitnami/postgresql:16", Some(Other("1001"))),
            ("gcr.io/distroless/static-debian12:nonroot", Some(Other("65532"))),
            ("gcr.io/distroless/static-debian12", Some(Root)),
            ("registry.access.redhat.com/ubi9/python-312", Some(Other("1001"))),
            ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", Some(Root)),
            ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", Some(Other("1654"))),
            ("mcr.microsoft.com/dotnet/sdk:8.0", Some(Root)),
            ("ghcr.io/someone/python", None),
            ("pythonic", None),
            ("php:8-fpm", Some(RootThenDrops)),
            ("php:8-cli", Some(Root)),
        ] {
            assert_eq!(user(image), expected, "{image}");
        }
    }
}
