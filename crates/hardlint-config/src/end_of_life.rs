//! Versions of published images that nobody mends any more.
//!
//! Dates are those of the projects' own pages on their releases, as of November 2026; where a project sells support beyond
//! them, the date is that of the free one. A version that is not in a table is not known to be out of support, and nothing
//! is said about it.

mod tables;

use tables::{ALPINE, CENTOS_STREAM, PACKAGES, POSTGRES, PROGRAMS};

/// A version, major and minor.
type Release = (u16, u16);

/// The day that ended a release, sorted by release; nothing where it is mended still, or where that is not known. A minor
/// version of 99 stands for the last of its line. A release that is not in a table ended before the next one that is.
type Ends = &'static [(Release, &'static str)];

/// Images with the version of PostgreSQL behind `pg` in a tag.
const WITH_POSTGRES: &[&str] = &["pgvector/pgvector", "ankane/pgvector", "timescale/timescaledb"];

/// Images, and folders of images, of which no version is mended, what they are, and since when.
const RETIRED: &[(&str, &str, &str)] = &[
    ("adoptopenjdk", "AdoptOpenJDK", "since 2021-08-01"),
    ("bitnamilegacy", "what Bitnami keeps as `bitnamilegacy`", "since 2025-08-28"),
    ("grafana/agent", "Grafana Agent", "since 2025-11-01"),
    ("grafana/promtail", "Promtail", "since 2026-03-02"),
    ("java", "Docker's own build of Java", "since before July 2022"),
    ("minio/minio", "MinIO's own image", "since October 2025"),
    ("openjdk", "Docker's own build of OpenJDK", "since July 2022"),
    ("quay.io/minio/minio", "MinIO's own image", "since October 2025"),
    ("redhat/ubi7", "Red Hat Enterprise Linux 7", "since 2024-06-30"),
    ("registry.access.redhat.com/rhel7", "Red Hat Enterprise Linux 7", "since 2024-06-30"),
    ("registry.access.redhat.com/ubi7", "Red Hat Enterprise Linux 7", "since 2024-06-30"),
];

/// The day of the release of `MinIO` that mended what tells everybody its password (CVE-2023-28432); only its newest is mended.
const MINIO: &str = "2023-03-20";

/// Systems by the word for them in a tag.
const SYSTEMS: &[(&str, &str, &str)] = &[
    ("wheezy", "Debian 7", "2018-05-31"),
    ("jessie", "Debian 8", "2020-06-30"),
    ("stretch", "Debian 9", "2022-06-30"),
    ("buster", "Debian 10", "2024-06-30"),
    ("bullseye", "Debian 11", "2026-08-31"),
    ("trusty", "Ubuntu 14.04", "2019-04-30"),
    ("xenial", "Ubuntu 16.04", "2021-04-30"),
    ("bionic", "Ubuntu 18.04", "2023-05-31"),
    ("focal", "Ubuntu 20.04", "2025-05-31"),
    ("kinetic", "Ubuntu 22.10", "2023-07-20"),
    ("lunar", "Ubuntu 23.04", "2024-01-20"),
    ("mantic", "Ubuntu 23.10", "2024-07-12"),
    ("oracular", "Ubuntu 24.10", "2025-07-10"),
    ("plucky", "Ubuntu 25.04", "2026-01-17"),
];

/// What an image holds that is out of support, and since when, as `Python 3.8, since 2024-10-07`; `name` is without what
/// Docker adds by itself.
pub(crate) fn of_image(name: &str, tag: &str) -> Option<String> {
    let program = PROGRAMS.iter().find(|(image, ..)| *image == name || is_rebuilt(image, name, tag));
    // A variant may stand before the version, or the letter for one.
    let version = tag.strip_prefix("slim-").unwrap_or(tag);
    let version =
        version.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(version);
    if let Some((_, what, ends)) = program
        && let Some((release, written)) = release(version)
        && let Some(day) = ended(release, ends)
    {
        return Some(format!("{what} {written}, {day}"));
    }
    if let Some(what) = retired(name, tag) {
        return Some(what);
    }
    if name == "quay.io/centos/centos" {
        let (release, written) = release(tag.strip_prefix("stream")?)?;
        return Some(format!("CentOS Stream {written}, {}", ended(release, CENTOS_STREAM)?));
    }
    if WITH_POSTGRES.contains(&name) {
        let (release, written) = tag.split('-').find_map(|word| release(word.strip_prefix("pg")?))?;
        return Some(format!("PostgreSQL {written}, {}", ended(release, POSTGRES)?));
    }
    // Words of a tag mean systems in the images that Docker keeps itself.
    if name.contains('/') {
        return None;
    }
    tag.split('-').find_map(|word| {
        if let Some((_, system, day)) = SYSTEMS.iter().find(|(known, ..)| *known == word) {
            return Some(format!("{system}, since {day}"));
        }
        let (release, written) = release(word.strip_prefix("alpine")?)?;
        Some(format!("Alpine {written}, {}", ended(release, ALPINE)?))
    })
}

/// What is known of an image of which no version is mended, or that calls its versions by their day.
fn retired(name: &str, tag: &str) -> Option<String> {
    let day = tag.strip_prefix("RELEASE.").filter(|_| name.ends_with("minio/minio"));
    if let Some(day) = day.and_then(|tag| tag.get(..MINIO.len())).filter(|day| *day < MINIO) {
        return Some(format!("MinIO of {day}, since before {MINIO}"));
    }
    let is = |known: &str| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let (_, what, since) = RETIRED.iter().find(|(known, ..)| is(known))?;
    // Builds of what is to come are still made.
    let early = name == "openjdk" && tag.split('-').any(|word| word == "ea");
    (!early).then(|| format!("{what}, {since}"))
}

/// Whether an image is a language's own, built again: its name ends like that one's, and its tag is of the same scheme, the
/// version and what it is built on.
fn is_rebuilt(image: &str, name: &str, tag: &str) -> bool {
    const LANGUAGES: &[&str] = &["golang", "node", "php", "python", "ruby"];
    const VARIANTS: &[&str] =
        &["alpine", "bookworm", "bullseye", "buster", "cli", "fpm", "jessie", "slim", "stretch", "trixie"];
    let same = name.rsplit_once('/').is_some_and(|(_, last)| last == image);
    let variant = |word: &str| {
        VARIANTS.iter().any(|known| word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == *known)
    };
    same && LANGUAGES.contains(&image) && release(tag).is_some() && tag.split('-').skip(1).any(variant)
}

/// Since when a release is out of support.
fn ended(release: Release, ends: Ends) -> Option<String> {
    let ((major, minor), day) = ends.iter().find(|(last, _)| release <= *last).filter(|(_, day)| !day.is_empty())?;
    let own = release.0 == *major && (*minor == 99 || release.1 == *minor);
    Some(if own { format!("since {day}") } else { format!("since before {day}") })
}

/// What a package of Python is that is out of support in a version, and since when: `Django 4.1, since 2023-12-01`.
pub(crate) fn of_package(name: &str, version: &str) -> Option<String> {
    let (_, what, ends) = PACKAGES.iter().find(|(package, ..)| *package == name)?;
    let (release, written) = release(version)?;
    Some(format!("{what} {written}, {}", ended(release, ends)?))
}

/// Whether anything is known of the versions of a package of Python.
pub(crate) fn is_package(name: &str) -> bool {
    PACKAGES.iter().any(|(package, ..)| *package == name)
}

/// The version that a tag begins with, and as it is written there. A major version alone is the newest of its line.
fn release(tag: &str) -> Option<(Release, &str)> {
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    if tag.get(end..)?.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut parts = tag.get(..end)?.split('.');
    let (major, minor) = (parts.next()?, parts.next());
    let written = tag.get(..major.len() + minor.map_or(0, |minor| minor.len() + 1))?;
    let minor = minor.map_or(Some(99), |minor| minor.parse().ok())?;
    Some(((major.parse().ok()?, minor), written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_support_is_told_with_its_day() {
        for (name, tag, expected) in [
            ("python", "3.8-slim", "Python 3.8, since 2024-10-07"),
            ("python", "2.7.18", "Python 2.7, since 2020-01-01"),
            ("python", "2", "Python 2, since 2020-01-01"),
            ("python", "3.2", "Python 3.2, since before 2017-09-29"),
            ("python", "3.12-slim-buster", "Debian 10, since 2024-06-30"),
            ("node", "18.20.1-alpine", "Node.js 18.20, since 2025-04-30"),
            ("golang", "1.25-alpine3.18", "Alpine 3.18, since 2025-05-09"),
            ("alpine", "3.9", "Alpine 3.9, since 2020-11-01"),
            ("debian", "buster-slim", "Debian 10, since 2024-06-30"),
            ("ubuntu", "18.04", "Ubuntu 18.04, since 2023-05-31"),
            ("mcr.microsoft.com/dotnet/aspnet", "9.0-alpine", ".NET 9.0, since 2026-11-10"),
            ("mcr.microsoft.com/dotnet/aspnet", "8.0", ".NET 8.0, since 2026-11-10"),
            ("postgres", "9.6-alpine", "PostgreSQL 9.6, since 2021-11-11"),
            ("postgres", "14.6", "PostgreSQL 14.6, since 2026-11-12"),
            ("postgres", "13-bookworm", "PostgreSQL 13, since 2025-11-13"),
            ("pgvector/pgvector", "0.7.0-pg12", "PostgreSQL 12, since 2024-11-21"),
            ("php", "7.3-fpm", "PHP 7.3, since 2021-12-06"),
            ("nginx", "1.17", "nginx 1.17, since before 2021-04-20"),
            ("redis", "6.0.9-alpine", "Redis 6.0, since 2022-05-31"),
            ("rabbitmq", "3-management", "RabbitMQ 3, since 2024-09-17"),
            ("mongo", "4", "MongoDB 4, since 2024-02-29"),
            ("lantern/php", "8.0.30-cli-alpine", "PHP 8.0, since 2023-11-26"),
            ("registry.example.com/lantern/python", "3.8-alpine3.20", "Python 3.8, since 2024-10-07"),
            ("apache/airflow", "slim-2.9.1-python3.11", "Airflow 2.9, since before 2026-04-22"),
            ("apache/airflow", "2.11.0", "Airflow 2.11, since 2026-04-22"),
            ("kibana", "7.8.0", "Kibana 7.8, since before 2026-01-15"),
            ("kibana", "7.17.3", "Kibana 7.17, since 2026-01-15"),
            ("ubuntu", "23.10", "Ubuntu 23.10, since 2024-07-12"),
            ("ubuntu", "lunar", "Ubuntu 23.04, since 2024-01-20"),
            ("ubuntu", "10.04", "Ubuntu 10.04, since before 2017-04-28"),
            ("quay.io/centos/centos", "stream8", "CentOS Stream 8, since 2024-05-31"),
            ("quay.io/centos/centos", "7", "CentOS 7, since 2024-06-30"),
            ("registry.access.redhat.com/ubi7", "", "Red Hat Enterprise Linux 7, since 2024-06-30"),
            ("registry.access.redhat.com/ubi7/ubi-minimal", "7.9-1", "Red Hat Enterprise Linux 7, since 2024-06-30"),
            ("amazonlinux", "2018.03", "Amazon Linux 2018.03, since 2023-12-31"),
            ("opensuse/leap", "15.3", "openSUSE Leap 15.3, since 2022-12-31"),
            ("openjdk", "8-jdk-alpine", "Docker's own build of OpenJDK, since July 2022"),
            ("openjdk", "", "Docker's own build of OpenJDK, since July 2022"),
            ("java", "8", "Docker's own build of Java, since before July 2022"),
            ("adoptopenjdk", "11-jre-hotspot", "AdoptOpenJDK, since 2021-08-01"),
            ("adoptopenjdk/openjdk11", "alpine", "AdoptOpenJDK, since 2021-08-01"),
            ("eclipse-temurin", "19-jre", "Eclipse Temurin 19, since 2023-03-31"),
            ("tomcat", "8.5-jdk8", "Tomcat 8.5, since 2024-03-31"),
            ("httpd", "2.2", "Apache 2.2, since 2017-07-11"),
            ("haproxy", "2.3-alpine", "HAProxy 2.3, since 2022-07-27"),
            ("traefik", "v1.7", "Traefik 1.7, since 2021-12-31"),
            ("traefik", "v2.10.4", "Traefik 2.10, since 2024-02-12"),
            ("grafana/grafana", "7.2.0", "Grafana 7.2, since before 2022-06-14"),
            ("grafana/grafana", "9.5.0", "Grafana 9.5, since 2024-05-14"),
            ("prom/prometheus", "v1.8.2", "Prometheus 1.8, since before 2022-07-11"),
            ("nextcloud", "20-apache", "Nextcloud 20, since 2021-11-30"),
            ("gitlab/gitlab-ce", "13.0.0-ce.0", "GitLab 13.0, since before 2021-08-22"),
            ("quay.io/keycloak/keycloak", "23.0.3", "Keycloak 23.0, since 2024-03-04"),
            ("jboss/keycloak", "16.1.1", "Keycloak 16.1, since 2022-03-11"),
            ("drupal", "7", "Drupal 7, since 2025-01-05"),
            ("solr", "7-slim", "Solr 7, since 2022-05-11"),
            ("cassandra", "3.11", "Cassandra 3.11, since 2024-09-05"),
            ("couchdb", "2", "CouchDB 2, since before 2024-09-20"),
            ("zookeeper", "3.4", "ZooKeeper 3.4, since 2020-06-01"),
            ("consul", "1.9", "Consul 1.9, since before 2022-08-09"),
            ("bitnamilegacy/redis", "7.0", "what Bitnami keeps as `bitnamilegacy`, since 2025-08-28"),
            ("minio/minio", "RELEASE.2021-11-03T03-36-36Z", "MinIO of 2021-11-03, since before 2023-03-20"),
            ("quay.io/minio/minio", "RELEASE.2025-01-01T00-00-00Z", "MinIO's own image, since October 2025"),
            ("grafana/promtail", "3.5.0", "Promtail, since 2026-03-02"),
        ] {
            assert_eq!(of_image(name, tag).as_deref(), Some(expected), "{name}:{tag}");
        }
    }

    #[test]
    fn nothing_is_said_of_others() {
        for (name, tag) in [
            ("python", "3.12"),
            ("python", "3"),
            ("python", "latest"),
            ("node", "22-alpine"),
            ("node", "lts"),
            ("debian", "12"),
            ("ubuntu", "24.04"),
            ("alpine", "3"),
            ("alpine", "edge"),
            ("postgres", "17"),
            ("postgres", "bookworm"),
            ("redis", "6"),
            ("redis", "6.2"),
            ("redis", "7-alpine"),
            ("mysql", "8"),
            ("mysql", "8.4"),
            ("mariadb", "10.11"),
            ("mariadb", "10"),
            ("mongo", "7"),
            ("nginx", "1.30-alpine"),
            ("nginx", "stable"),
            ("rabbitmq", "4-management"),
            ("pgvector/pgvector", "pg17"),
            ("apache/airflow", "latest-python3.12"),
            ("someone/python", "3.6"),
            ("someone/app", "1.0-buster"),
            ("someone/python-app", "3.6-slim"),
            ("someone/python", "3.13-slim"),
            ("someone/postgres", "9.6-alpine"),
            ("python", "99999999.1"),
            ("python", "3rc1"),
            ("ubuntu", "22.04"),
            ("quay.io/centos/centos", "stream9"),
            ("registry.access.redhat.com/ubi8", "8.10"),
            ("amazonlinux", "2"),
            ("amazonlinux", "2023"),
            ("openjdk", "25-ea-jdk"),
            ("someone/openjdk", "8"),
            ("eclipse-temurin", "17-jre"),
            ("eclipse-temurin", "8u432-b06-jdk"),
            ("tomcat", "9.0"),
            ("tomcat", "10.1"),
            ("httpd", "2.4"),
            ("haproxy", "2.8"),
            ("traefik", "v2.11"),
            ("traefik", "v2"),
            ("traefik", "v3.6"),
            ("grafana/grafana", "11.6.0"),
            ("grafana/grafana", "latest"),
            ("quay.io/keycloak/keycloak", "26.4"),
            ("zookeeper", "3.9"),
            ("bitnami/redis", "latest"),
            ("someone/minio", "RELEASE.2025-01-01T00-00-00Z"),
        ] {
            assert_eq!(of_image(name, tag), None, "{name}:{tag}");
        }
    }

    #[test]
    fn tables_are_in_order() {
        for (name, _, ends) in PROGRAMS {
            assert!(ends.is_sorted_by_key(|(release, _)| *release), "{name}");
        }
    }
}
