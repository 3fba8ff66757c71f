//! Versions of published images that nobody mends any more.
//!
//! Dates are those of the projects' own pages on their releases, as of November 2026; where a project sells support beyond
//! them, the date is that of the free one. A version that is not in a table is not known to be out of support, and nothing
//! is said about it.

/// A version, major and minor.
type Release = (u16, u16);

/// The day that ended a release, sorted by release; nothing where it is mended still, or where that is not known. A minor
/// version of 99 stands for the last of its line. A release that is not in a table ended before the next one that is.
type Ends = &'static [(Release, &'static str)];

/// What an image is called, what it holds, and when that ended.
const PROGRAMS: &[(&str, &str, Ends)] = &[
    ("python", "Python", PYTHON),
    ("node", "Node.js", NODE),
    ("bitnami/node", "Node.js", NODE),
    ("mhart/alpine-node", "Node.js", NODE),
    ("php", "PHP", PHP),
    ("ruby", "Ruby", RUBY),
    ("golang", "Go", GO),
    ("debian", "Debian", DEBIAN),
    ("ubuntu", "Ubuntu", UBUNTU),
    ("alpine", "Alpine", ALPINE),
    ("centos", "CentOS", CENTOS),
    ("fedora", "Fedora", FEDORA),
    ("nginx", "nginx", NGINX),
    ("nginxinc/nginx-unprivileged", "nginx", NGINX),
    ("postgres", "PostgreSQL", POSTGRES),
    ("postgis/postgis", "PostgreSQL", POSTGRES),
    ("bitnami/postgresql", "PostgreSQL", POSTGRES),
    ("mysql", "MySQL", MYSQL),
    ("mysql/mysql-server", "MySQL", MYSQL),
    ("bitnami/mysql", "MySQL", MYSQL),
    ("mariadb", "MariaDB", MARIADB),
    ("bitnami/mariadb", "MariaDB", MARIADB),
    ("mongo", "MongoDB", MONGO),
    ("bitnami/mongodb", "MongoDB", MONGO),
    ("redis", "Redis", REDIS),
    ("bitnami/redis", "Redis", REDIS),
    ("rabbitmq", "RabbitMQ", RABBITMQ),
    ("bitnami/rabbitmq", "RabbitMQ", RABBITMQ),
    ("elasticsearch", "Elasticsearch", ELASTIC),
    ("kibana", "Kibana", ELASTIC),
    ("logstash", "Logstash", ELASTIC),
    ("docker.elastic.co/elasticsearch/elasticsearch", "Elasticsearch", ELASTIC),
    ("docker.elastic.co/elasticsearch/elasticsearch-oss", "Elasticsearch", ELASTIC),
    ("docker.elastic.co/kibana/kibana", "Kibana", ELASTIC),
    ("docker.elastic.co/logstash/logstash", "Logstash", ELASTIC),
    ("apache/airflow", "Airflow", AIRFLOW),
    ("puckel/docker-airflow", "Airflow", AIRFLOW),
    ("mcr.microsoft.com/dotnet/core/aspnet", ".NET Core", DOTNET_CORE),
    ("mcr.microsoft.com/dotnet/core/runtime", ".NET Core", DOTNET_CORE),
    ("mcr.microsoft.com/dotnet/core/sdk", ".NET Core", DOTNET_CORE),
    ("mcr.microsoft.com/dotnet/aspnet", ".NET", DOTNET),
    ("mcr.microsoft.com/dotnet/runtime", ".NET", DOTNET),
    ("mcr.microsoft.com/dotnet/runtime-deps", ".NET", DOTNET),
    ("mcr.microsoft.com/dotnet/sdk", ".NET", DOTNET),
];

const PYTHON: Ends = &[
    ((2, 6), "2013-10-29"),
    ((2, 99), "2020-01-01"),
    ((3, 3), "2017-09-29"),
    ((3, 4), "2019-03-18"),
    ((3, 5), "2020-09-13"),
    ((3, 6), "2021-12-23"),
    ((3, 7), "2023-06-27"),
    ((3, 8), "2024-10-07"),
    ((3, 9), "2025-10-31"),
    ((3, 10), "2026-10-31"),
];

const NODE: Ends = &[
    ((4, 99), "2018-04-30"),
    ((5, 99), "2016-06-30"),
    ((6, 99), "2019-04-30"),
    ((7, 99), "2017-06-30"),
    ((8, 99), "2019-12-31"),
    ((9, 99), "2018-06-30"),
    ((10, 99), "2021-04-30"),
    ((11, 99), "2019-06-30"),
    ((12, 99), "2022-04-30"),
    ((13, 99), "2020-06-01"),
    ((14, 99), "2023-04-30"),
    ((15, 99), "2021-06-01"),
    ((16, 99), "2023-09-11"),
    ((17, 99), "2022-06-01"),
    ((18, 99), "2025-04-30"),
    ((19, 99), "2023-06-01"),
    ((20, 99), "2026-04-30"),
    ((21, 99), "2024-06-01"),
];

const PHP: Ends = &[
    ((5, 3), "2014-08-14"),
    ((5, 4), "2015-09-14"),
    ((5, 5), "2016-07-21"),
    ((5, 99), "2018-12-31"),
    ((7, 0), "2019-01-10"),
    ((7, 1), "2019-12-01"),
    ((7, 2), "2020-11-30"),
    ((7, 3), "2021-12-06"),
    ((7, 99), "2022-11-28"),
    ((8, 0), "2023-11-26"),
    ((8, 1), "2025-12-31"),
];

const RUBY: Ends = &[
    ((2, 1), "2017-03-31"),
    ((2, 2), "2018-03-31"),
    ((2, 3), "2019-03-31"),
    ((2, 4), "2020-03-31"),
    ((2, 5), "2021-03-31"),
    ((2, 6), "2022-03-31"),
    ((2, 99), "2023-03-31"),
    ((3, 0), "2024-04-23"),
    ((3, 1), "2025-03-26"),
    ((3, 2), "2026-03-31"),
];

const GO: Ends = &[
    ((1, 15), "2021-08-16"),
    ((1, 16), "2022-03-15"),
    ((1, 17), "2022-08-02"),
    ((1, 18), "2023-02-01"),
    ((1, 19), "2023-09-06"),
    ((1, 20), "2024-02-06"),
    ((1, 21), "2024-08-13"),
    ((1, 22), "2025-02-11"),
    ((1, 23), "2025-08-12"),
    ((1, 24), "2026-02-11"),
];

const DEBIAN: Ends = &[
    ((7, 99), "2018-05-31"),
    ((8, 99), "2020-06-30"),
    ((9, 99), "2022-06-30"),
    ((10, 99), "2024-06-30"),
    ((11, 99), "2026-08-31"),
];

const UBUNTU: Ends =
    &[((14, 4), "2019-04-30"), ((16, 4), "2021-04-30"), ((18, 4), "2023-05-31"), ((20, 4), "2025-05-31")];

const ALPINE: Ends = &[
    ((3, 0), "2016-05-01"),
    ((3, 1), "2016-11-01"),
    ((3, 2), "2017-05-01"),
    ((3, 3), "2017-11-01"),
    ((3, 4), "2018-05-01"),
    ((3, 5), "2018-11-01"),
    ((3, 6), "2019-05-01"),
    ((3, 7), "2019-11-01"),
    ((3, 8), "2020-05-01"),
    ((3, 9), "2020-11-01"),
    ((3, 10), "2021-05-01"),
    ((3, 11), "2021-11-01"),
    ((3, 12), "2022-05-01"),
    ((3, 13), "2022-11-01"),
    ((3, 14), "2023-05-01"),
    ((3, 15), "2023-11-01"),
    ((3, 16), "2024-05-23"),
    ((3, 17), "2024-11-22"),
    ((3, 18), "2025-05-09"),
    ((3, 19), "2025-11-01"),
    ((3, 20), "2026-04-01"),
    ((3, 21), "2026-11-01"),
];

const CENTOS: Ends = &[((6, 99), "2020-11-30"), ((7, 99), "2024-06-30"), ((8, 99), "2021-12-31")];

const FEDORA: Ends = &[
    ((30, 99), "2020-05-26"),
    ((31, 99), "2020-11-24"),
    ((32, 99), "2021-05-25"),
    ((33, 99), "2021-11-30"),
    ((34, 99), "2022-06-07"),
    ((35, 99), "2022-12-13"),
    ((36, 99), "2023-05-16"),
    ((37, 99), "2023-12-05"),
    ((38, 99), "2024-05-21"),
    ((39, 99), "2024-11-26"),
    ((40, 99), "2025-05-13"),
    ((41, 99), "2025-12-15"),
    ((42, 99), "2026-05-13"),
];

const NGINX: Ends = &[
    ((1, 8), "2016-04-26"),
    ((1, 10), "2017-04-12"),
    ((1, 12), "2018-04-17"),
    ((1, 14), "2019-04-23"),
    ((1, 16), "2020-04-20"),
    ((1, 18), "2021-04-20"),
    ((1, 19), "2021-05-25"),
    ((1, 20), "2022-05-24"),
    ((1, 21), "2022-06-21"),
    ((1, 22), "2023-04-11"),
    ((1, 23), "2023-05-23"),
    ((1, 24), "2024-04-23"),
    ((1, 25), "2024-05-29"),
    ((1, 26), "2025-04-23"),
    ((1, 27), "2025-06-24"),
    ((1, 28), "2026-04-14"),
    ((1, 29), "2026-05-13"),
];

const POSTGRES: Ends = &[
    ((9, 0), "2015-10-08"),
    ((9, 1), "2016-10-27"),
    ((9, 2), "2017-11-09"),
    ((9, 3), "2018-11-08"),
    ((9, 4), "2020-02-13"),
    ((9, 5), "2021-02-11"),
    ((9, 99), "2021-11-11"),
    ((10, 99), "2022-11-10"),
    ((11, 99), "2023-11-09"),
    ((12, 99), "2024-11-21"),
    ((13, 99), "2025-11-13"),
    ((14, 99), "2026-11-12"),
];

const MYSQL: Ends = &[
    ((5, 5), "2018-12-31"),
    ((5, 6), "2021-02-28"),
    ((5, 99), "2023-10-31"),
    ((8, 0), "2026-04-30"),
    ((8, 1), "2023-10-25"),
    ((8, 2), "2023-12-14"),
    ((8, 3), "2024-04-10"),
    ((8, 99), ""),
    ((9, 0), "2024-10-15"),
    ((9, 1), "2025-01-21"),
    ((9, 2), "2025-04-15"),
    ((9, 3), "2025-07-22"),
    ((9, 4), "2025-10-21"),
    ((9, 5), "2026-01-20"),
    ((9, 6), "2026-04-21"),
];

const MARIADB: Ends = &[
    ((5, 99), "2020-04-11"),
    ((10, 0), "2019-03-31"),
    ((10, 1), "2020-10-17"),
    ((10, 2), "2022-05-23"),
    ((10, 3), "2023-05-25"),
    ((10, 4), "2024-06-18"),
    ((10, 5), "2025-06-24"),
    ((10, 6), "2026-07-06"),
    ((10, 7), "2023-02-14"),
    ((10, 8), "2023-05-20"),
    ((10, 9), "2023-08-22"),
    ((10, 10), "2023-11-17"),
];

const MONGO: Ends = &[
    ((2, 4), "2013-03-31"),
    ((2, 99), "2016-10-31"),
    ((3, 0), "2018-02-28"),
    ((3, 2), "2018-09-30"),
    ((3, 4), "2020-01-31"),
    ((3, 99), "2021-04-30"),
    ((4, 0), "2022-04-30"),
    ((4, 2), "2023-04-30"),
    ((4, 99), "2024-02-29"),
    ((5, 99), "2024-10-31"),
    ((6, 99), "2025-07-31"),
];

const REDIS: Ends = &[
    ((5, 99), "2022-04-27"),
    ((6, 0), "2022-05-31"),
    ((6, 99), ""),
    ((7, 0), "2024-07-29"),
    ((7, 99), ""),
    ((8, 0), "2026-02-11"),
];

const RABBITMQ: Ends = &[
    ((3, 6), "2018-05-31"),
    ((3, 7), "2020-09-30"),
    ((3, 8), "2022-07-31"),
    ((3, 9), "2023-01-31"),
    ((3, 10), "2022-09-28"),
    ((3, 11), "2023-06-01"),
    ((3, 12), "2024-02-21"),
    ((3, 99), "2024-09-17"),
    ((4, 0), "2025-04-15"),
    ((4, 1), "2026-01-30"),
];

const ELASTIC: Ends = &[((6, 99), "2022-02-10"), ((7, 99), "2026-01-15")];

const AIRFLOW: Ends = &[((1, 9), "2018-08-27"), ((1, 99), "2021-06-17"), ((2, 99), "2026-04-22")];

const DOTNET_CORE: Ends = &[((3, 99), "2022-12-13")];

const DOTNET: Ends = &[
    ((3, 1), "2022-12-13"),
    ((5, 99), "2022-05-10"),
    ((6, 99), "2024-11-12"),
    ((7, 99), "2024-05-14"),
    ((8, 99), "2026-11-10"),
    ((9, 99), "2026-11-10"),
];

/// Images with the version of PostgreSQL behind `pg` in a tag.
const WITH_POSTGRES: &[&str] = &["pgvector/pgvector", "ankane/pgvector", "timescale/timescaledb"];

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
];

/// What an image holds that is out of support, and since when, as `Python 3.8, since 2024-10-07`; `name` is without what
/// Docker adds by itself.
pub(crate) fn of_image(name: &str, tag: &str) -> Option<String> {
    let program = PROGRAMS.iter().find(|(image, ..)| *image == name || is_rebuilt(image, name, tag));
    // A variant may stand before the version.
    let version = tag.strip_prefix("slim-").unwrap_or(tag);
    if let Some((_, what, ends)) = program
        && let Some((release, written)) = release(version)
        && let Some(day) = ended(release, ends)
    {
        return Some(format!("{what} {written}, {day}"));
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
            ("apache/airflow", "slim-2.9.1-python3.11", "Airflow 2.9, since 2026-04-22"),
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
