//! Versions of published images that nobody mends any more.
//!
//! Dates are those of the projects' own pages on their releases, as of November 2026; where a project sells support beyond
//! them, the date is that of the free one. A version that is not in a table is not known to be out of support, and nothing
//! is said about it.

/// A version, major and minor.
type Release = (u16, u16);

/// The last releases that a day ended, each with all before it, oldest first.
type Ends = &'static [(Release, &'static str)];

/// What an image is called, what it holds, and when that ended. The first row that fits counts.
const PROGRAMS: &[(&str, &str, Ends)] = &[
    (
        "python",
        "Python",
        &[
            ((2, 7), "2020-01-01"),
            ((3, 6), "2021-12-23"),
            ((3, 7), "2023-06-27"),
            ((3, 8), "2024-10-07"),
            ((3, 9), "2025-10-31"),
            ((3, 10), "2026-10-31"),
        ],
    ),
    (
        "node",
        "Node.js",
        &[
            ((12, 99), "2022-04-30"),
            ((14, 99), "2023-04-30"),
            ((16, 99), "2023-09-11"),
            ((18, 99), "2025-04-30"),
            ((20, 99), "2026-04-30"),
        ],
    ),
    ("php", "PHP", &[((7, 4), "2022-11-28"), ((8, 0), "2023-11-26"), ((8, 1), "2025-12-31")]),
    ("ruby", "Ruby", &[((2, 7), "2023-03-31"), ((3, 0), "2024-04-23"), ((3, 1), "2025-03-26"), ((3, 2), "2026-03-31")]),
    ("debian", "Debian", &[((9, 99), "2022-06-30"), ((10, 99), "2024-06-30"), ((11, 99), "2026-08-31")]),
    ("ubuntu", "Ubuntu", &[((16, 4), "2021-04-30"), ((18, 4), "2023-05-31"), ((20, 4), "2025-05-31")]),
    (
        "alpine",
        "Alpine",
        &[
            ((3, 15), "2023-11-01"),
            ((3, 16), "2024-05-23"),
            ((3, 17), "2024-11-22"),
            ((3, 18), "2025-05-09"),
            ((3, 19), "2025-11-01"),
            ((3, 20), "2026-04-01"),
            ((3, 21), "2026-11-01"),
        ],
    ),
    ("centos", "CentOS", &[((6, 99), "2020-11-30"), ((7, 99), "2024-06-30"), ((8, 99), "2021-12-31")]),
    (
        "postgres",
        "PostgreSQL",
        &[((11, 99), "2023-11-09"), ((12, 99), "2024-11-21"), ((13, 99), "2025-11-13"), ((14, 99), "2026-11-12")],
    ),
    ("mysql", "MySQL", &[((5, 7), "2023-10-31"), ((8, 0), "2026-04-30")]),
    (
        "mariadb",
        "MariaDB",
        &[((10, 3), "2023-05-25"), ((10, 4), "2024-06-18"), ((10, 5), "2025-06-24"), ((10, 6), "2026-07-06")],
    ),
    ("mongo", "MongoDB", &[((4, 4), "2024-02-29"), ((5, 0), "2024-10-31"), ((6, 0), "2025-07-31")]),
    ("mcr.microsoft.com/dotnet/core/aspnet", ".NET Core", &[((3, 1), "2022-12-13")]),
    ("mcr.microsoft.com/dotnet/core/runtime", ".NET Core", &[((3, 1), "2022-12-13")]),
    ("mcr.microsoft.com/dotnet/aspnet", ".NET", DOTNET),
    ("mcr.microsoft.com/dotnet/runtime", ".NET", DOTNET),
    ("mcr.microsoft.com/dotnet/runtime-deps", ".NET", DOTNET),
];

const DOTNET: Ends = &[
    ((3, 1), "2022-12-13"),
    ((5, 0), "2022-05-10"),
    ((6, 0), "2024-11-12"),
    ((7, 0), "2024-05-14"),
    ((8, 0), "2026-11-10"),
    ((9, 0), "2026-11-10"),
];

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
    let program = PROGRAMS.iter().find(|(image, ..)| *image == name);
    if let Some((_, what, ends)) = program
        && let Some((release, written)) = release(tag)
        && let Some(day) = ended(release, ends)
    {
        return Some(format!("{what} {written}, {day}"));
    }
    // Words of a tag mean systems in the images that Docker keeps itself.
    if name.contains('/') {
        return None;
    }
    tag.split('-').find_map(|word| {
        if let Some((_, system, day)) = SYSTEMS.iter().find(|(known, ..)| *known == word) {
            return Some(format!("{system}, since {day}"));
        }
        let (_, what, ends) = PROGRAMS.iter().find(|(image, ..)| *image == "alpine")?;
        let (release, written) = release(word.strip_prefix("alpine")?)?;
        Some(format!("{what} {written}, {}", ended(release, ends)?))
    })
}

/// Since when a release is out of support. The table has no days of its own for the oldest.
fn ended(release: Release, ends: Ends) -> Option<String> {
    let ((major, minor), day) = ends.iter().find(|(last, _)| release <= *last)?;
    let own = release.0 == *major && (*minor == 99 || release.1 == *minor);
    Some(if own { format!("since {day}") } else { format!("since {day} at the latest") })
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
            ("python", "2", "Python 2, since 2021-12-23 at the latest"),
            ("python", "3.12-slim-buster", "Debian 10, since 2024-06-30"),
            ("node", "18.20.1-alpine", "Node.js 18.20, since 2025-04-30"),
            ("golang", "1.25-alpine3.18", "Alpine 3.18, since 2025-05-09"),
            ("alpine", "3.9", "Alpine 3.9, since 2023-11-01 at the latest"),
            ("debian", "buster-slim", "Debian 10, since 2024-06-30"),
            ("ubuntu", "18.04", "Ubuntu 18.04, since 2023-05-31"),
            ("mcr.microsoft.com/dotnet/aspnet", "9.0-alpine", ".NET 9.0, since 2026-11-10"),
            ("mcr.microsoft.com/dotnet/aspnet", "8.0", ".NET 8.0, since 2026-11-10"),
            ("postgres", "9.6-alpine", "PostgreSQL 9.6, since 2023-11-09 at the latest"),
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
            ("someone/python", "3.6"),
            ("someone/app", "1.0-buster"),
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
