//! What a file is for, told by its name.
//!
//! Only names below the path that was given count, and only whole words in them: `settings/dev.py` is for development,
//! `devices.conf` is not.

use std::sync::LazyLock;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What runs for users.
    Production,
    /// A developer's machine.
    Development,
    /// Automatic tests.
    Test,
    /// Shown, not run.
    Example,
    /// Nothing says.
    Unknown,
}

impl Role {
    /// As it is spelt in settings and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Test => "test",
            Self::Example => "example",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it runs for nobody but those who work on it, or not at all.
    pub fn is_lesser(self) -> bool {
        matches!(self, Self::Development | Self::Test | Self::Example)
    }

    /// The role so spelt.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Production, Self::Development, Self::Test, Self::Example, Self::Unknown]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// Words that name a role. The first group with a word in the path decides: an example of a production file is an
/// example, and a test deployment for developers is a test.
const WORDS: &[(Role, &[&str])] = &[
    (
        Role::Example,
        &[
            "example",
            "examples",
            "sample",
            "samples",
            "demo",
            "demos",
            "tutorial",
            "tutorials",
            "guide",
            "guides",
            "workshop",
            "workshops",
            "course",
            "courses",
            "playground",
            "poc",
            // Kept, and run by nobody.
            "legacy",
            "archive",
            "archived",
            "deprecated",
            "obsolete",
            "attic",
            "unmaintained",
            "docs",
            "template",
            "templates",
            "dist",
        ],
    ),
    (
        Role::Test,
        &[
            "test",
            "tests",
            "testing",
            "unittest",
            "unittests",
            "ci",
            "circleci",
            "integration",
            "e2e",
            "benchmark",
            "benchmarks",
            "profiling",
            "fixture",
            "fixtures",
            "testdata",
            "loadtest",
            "loadtests",
            "conftest",
            "runtests",
            "testproject",
            "testapp",
            "travis",
            "mock",
            "mocks",
        ],
    ),
    (
        Role::Development,
        &[
            "dev",
            "develop",
            "development",
            "devbox",
            "devcontainer",
            "devenv",
            "devserver",
            "local",
            "debug",
            "vagrant",
            "worktree",
            "workstation",
        ],
    ),
    (Role::Production, &["prod", "production", "live"]),
];

/// Words of [`WORDS`] that count only in the file's own name: a folder of templates holds what is filled in and run
/// (Ansible's `templates/`), and what a build makes is run from `dist/`.
const OWN_NAME_ONLY: &[&str] = &["template", "templates", "dist"];

/// The ending of what the official nginx image fills in when it starts, and runs: no example, though it says "template".
const FILLED_IN: &str = ".conf.template";

/// What folders are called after that hold the servers of tests and demonstrations, as well as what is tested: `ci/` is where
/// somebody keeps the server that builds.
const SERVERS: &[&str] =
    &["ci", "demo", "demos", "dev", "develop", "development", "integration", "playground", "poc", "test", "testing"];

/// Words for servers that people reach, but that are not production's: what is set for them is not set there.
const REHEARSALS: &[&str] = &["preprod", "staging", "uat"];

/// Whether what a path holds is not what production is set to.
pub(crate) fn is_elsewhere(path: &str) -> bool {
    of_path(path).is_lesser() || words(path).any(|word| REHEARSALS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// The role that a path below the root tells.
pub fn of_path(path: &str) -> Role {
    told(path, &|_| true)
}

/// The role that a path tells of what is seen to run for people: folders that are called after such servers say nothing.
pub(crate) fn of_deployed(path: &str) -> Role {
    told(path, &|word| !SERVERS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The role that a path tells; of its folders, only words that are to count do.
fn told(path: &str, counts: &dyn Fn(&str) -> bool) -> Role {
    let path = path.strip_suffix(FILLED_IN).unwrap_or(path);
    let name = crate::loader::name(path);
    // What a role of Ansible writes onto a machine is local to that machine, which serves people as well.
    let path = match path.strip_suffix(name).filter(|_| name.starts_with("local_settings")) {
        Some(folder) if folder.contains("roles/") && folder.ends_with("/templates/") => folder,
        _ => path,
    };
    let place = |part: &str, word: &str| {
        let (known, place) = known(word)?;
        (part == name || !OWN_NAME_ONLY.contains(&known)).then_some(place)
    };
    let parts = path.split('/').filter(|part| !is_host(part));
    let places = parts.flat_map(|part| {
        words(part).filter(move |word| part == name || counts(word)).filter_map(move |word| place(part, word))
    });
    places.min().and_then(|place| WORDS.get(place)).map_or(Role::Unknown, |(role, _)| *role)
}

/// All of [`WORDS`] by the letters, each with the place of its group: paths have many words, and most are none of these.
static SORTED: LazyLock<Vec<(&'static str, usize)>> = LazyLock::new(|| {
    let groups = WORDS.iter().enumerate();
    let mut all: Vec<(&str, usize)> =
        groups.flat_map(|(place, (_, words))| words.iter().map(move |word| (*word, place))).collect();
    all.sort_unstable();
    all
});

/// The word of [`WORDS`] that a word is, and the place of its group.
fn known(word: &str) -> Option<(&'static str, usize)> {
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    let at = SORTED.binary_search_by(|(known, _)| known.as_bytes().cmp(lower)).ok()?;
    SORTED.get(at).copied()
}

/// The length of the longest of [`WORDS`].
const LONGEST: usize = 12;

/// Whether a file or a folder is called after a host, as people reach it: `dev.shop.org` is one that is deployed.
fn is_host(name: &str) -> bool {
    /// The ends of hosts' names that are common, and that no file's name has.
    const HOST: &[&str] = &[
        "app", "at", "au", "be", "biz", "br", "ca", "ch", "cloud", "cn", "co", "com", "cz", "de", "dk", "edu", "es",
        "eu", "fi", "fr", "gov", "hu", "ie", "info", "io", "it", "jp", "kr", "me", "mx", "net", "nl", "no", "nz",
        "online", "org", "pl", "pt", "ro", "ru", "se", "sh", "shop", "sk", "tech", "tv", "ua", "uk", "us", "xyz", "za",
    ];
    /// What the first word of a file's name is that is called after its program, and not after a host.
    const FILES: &[&str] = &["compose", "docker-compose", "dockerfile", "nginx", "settings"];
    let host = name.strip_suffix(".conf").unwrap_or(name);
    if memchr::memchr_iter(b'.', host.as_bytes()).nth(1).is_none() {
        return false;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && !label.contains('_');
    let ends = labels.last().is_some_and(|end| HOST.contains(end));
    let first = labels.first().map(|label| label.to_ascii_lowercase());
    let is_file = first.is_some_and(|first| FILES.contains(&first.as_str()));
    let is_shown = labels.contains(&"example") || labels.contains(&"sample");
    labels.len() >= 3 && labels.iter().all(is_label) && ends && !is_file && !is_shown
}

/// Whether a path is in the folder of a person on a Mac or on Windows, which are no servers.
pub(crate) fn is_personal(path: &str) -> bool {
    let below = path.get(1..3).filter(|drive| matches!(*drive, ":/" | ":\\")).and_then(|_| path.get(2..));
    let mut parts = below.unwrap_or(path).split(['/', '\\']);
    parts.next() == Some("") && parts.next() == Some("Users") && parts.next().is_some_and(|name| !name.is_empty())
}

/// How many folders that say so make a collection of demonstrations.
const DEMOS: usize = 5;

/// Whether folders side by side are a collection of demonstrations: most are called one, `redis-demo` and `tls-demo`. A
/// folder that is called `examples` stands in any project, and says nothing of its neighbours.
pub(crate) fn are_demos<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let is_demo = |word: &str| {
        let words = ["demo", "demos", "example", "examples", "sample", "samples", "tutorial", "workshop"];
        words.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    let (mut demos, mut all) = (0, 0);
    for name in names.filter(|name| !name.starts_with('.')) {
        all += 1;
        demos += usize::from(words(name).count() > 1 && words(name).any(is_demo));
    }
    demos >= DEMOS && demos * 2 >= all
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_which_most_are_demos_are_a_collection() {
        let demos = ["redis-demo", "tls-demo", "zookeeper-demo", "demo-of-quic", "grpc_demo"];
        let others = ["random", "cookbook", "hello", ".github", "tools"];
        assert!(are_demos(demos.into_iter().chain(others)));
        assert!(!are_demos(demos.into_iter().chain(others).chain(["deploy", "src"])));
        assert!(!are_demos(demos.into_iter().take(4)));
        assert!(!are_demos(["examples", "samples", "demo", "docs", "tutorial"].into_iter()));
    }

    #[test]
    fn every_word_is_known_in_any_case_and_stands_once() {
        for (place, (_, words)) in WORDS.iter().enumerate() {
            for word in *words {
                assert_eq!(known(&word.to_uppercase()), Some((*word, place)), "{word}");
            }
        }
        assert_eq!(known("devices"), None);
        assert_eq!(known("developmentally"), None);
    }

    #[test]
    fn folders_of_people() {
        for (path, expected) in [
            ("/Users/ann/site", true),
            ("C:/Users/ann/site", true),
            ("d:\\Users\\ann", true),
            ("/Users/", false),
            ("/srv/Users/ann", false),
            ("C:/nginx/html", false),
            ("html", false),
        ] {
            assert_eq!(is_personal(path), expected, "{path}");
        }
    }

    #[test]
    fn folders_of_servers_say_nothing_of_what_is_deployed() {
        for (path, role) in [
            ("ci/compose.yaml", Role::Unknown),
            ("test-server/compose.yaml", Role::Unknown),
            ("ci/compose.test.yaml", Role::Test),
            ("examples/ci/compose.yaml", Role::Example),
            ("demo/prod/compose.yaml", Role::Production),
        ] {
            assert_eq!(of_deployed(path), role, "{path}");
        }
    }

    #[test]
    fn rehearsals_are_not_what_production_is_set_to() {
        for (path, expected) in [
            ("inventories/staging/hosts", true),
            ("inventories/dev/hosts", true),
            ("inventories/prod/hosts", false),
            ("stagings/hosts", false),
        ] {
            assert_eq!(is_elsewhere(path), expected, "{path}");
        }
    }

    #[test]
    fn only_whole_words_name_a_role() {
        for (path, role) in [
            ("compose.yaml", Role::Unknown),
            ("docker-compose.dev.yml", Role::Development),
            ("devices/nginx.conf", Role::Unknown),
            ("settings/local.py", Role::Development),
            ("tests/compose.yaml", Role::Test),
            ("ci/nginx.conf", Role::Test),
            ("sites-enabled/dev.shop.org", Role::Unknown),
            ("nginx/conf.d/staging.shop.co.uk.conf", Role::Unknown),
            ("nginx/conf.d/dev.conf", Role::Development),
            ("nginx/conf.d/shop.dev.local.conf", Role::Development),
            ("nginx/conf.d/www.example.com.conf", Role::Example),
            ("nginx/dev.shop.org.conf", Role::Unknown),
            ("ci.shop.org/compose.yaml", Role::Unknown),
            ("ci.shop.org/compose.test.yaml", Role::Test),
            ("ci.example.org/compose.yaml", Role::Example),
            ("docker-compose.test.sh", Role::Test),
            ("shop.dev/compose.yaml", Role::Development),
            ("nginx/conf.d/app.dev.ssl.conf", Role::Development),
            ("nginx/conf.d/shop.local.lan.conf", Role::Development),
            ("dev/sites-enabled/www.shop.org", Role::Development),
            ("deploy/production/nginx.conf", Role::Production),
            (".env.example", Role::Example),
            ("examples/prod/compose.yaml", Role::Example),
            ("roles/web/templates/nginx.conf.j2", Role::Unknown),
            (".devcontainer/compose.yaml", Role::Development),
            (".worktree-container/Dockerfile", Role::Development),
            (".circleci/Dockerfile", Role::Test),
            ("loadtest/Dockerfile", Role::Test),
            ("mock_api/Dockerfile", Role::Test),
            ("workstation/Dockerfile", Role::Development),
            ("settings/staging.py", Role::Unknown),
            ("staging/tests/compose.yaml", Role::Test),
            ("settings/integration.py", Role::Test),
            ("integrations/compose.yaml", Role::Unknown),
            ("load-balancing-demo/nginx.conf", Role::Example),
            ("deployment-guide-files/nginx.conf", Role::Example),
            ("docs/nginx.conf", Role::Example),
            ("(legacy)/mail/Dockerfile", Role::Example),
            ("archives/Dockerfile", Role::Unknown),
            ("profiling/compose.yaml", Role::Test),
            ("dist/nginx.conf", Role::Unknown),
            ("nginx/app.conf.template", Role::Unknown),
            ("nginx/dev.conf.template", Role::Development),
            ("compose.template.yaml", Role::Example),
            ("roles/django/templates/local_settings.j2", Role::Unknown),
            ("shop/local_settings.py", Role::Development),
            ("roles/vagrant/templates/local_settings.j2", Role::Development),
            ("roles/devbox/templates/nginx.conf.j2", Role::Development),
        ] {
            assert_eq!(of_path(path), role, "{path}");
        }
    }
}
