//! Collections of examples: folders side by side, each with a Compose file and nothing that it could be deployed with, of which
//! most say that they are examples.
//!
//! Manuals of images are kept so. How many there are says nothing, for a server has its stacks side by side as well: what is
//! told must not go because one more is put beside it.

use super::discover::BASES;
use crate::loader::{self, Kind, Loader};
use crate::workspace::Reader;
use memchr::memmem;

/// How many of them have to say so: of fewer, each is for itself.
const FEW: usize = 4;
/// Folders side by side that are looked into.
const MOST: usize = 256;
/// Words of a file that is run somewhere: it has something of its own beside it, or of the host.
const OWN: &[&str] = &[
    "build:",
    "${",
    "env_file",
    "configs:",
    "secrets:",
    "source: /",
    "privileged:",
    "cap_add:",
    "devices:",
    "network_mode:",
    "pid:",
    "ipc:",
    "external:",
    "labels:",
    "extends:",
    "include:",
];

/// Whether the folders around hold one.
struct Collection(bool);

/// Whether the Compose file at `path` is one of a collection of examples.
pub(crate) fn is_example(reader: &Reader<'_>, path: &str) -> bool {
    let (folder, loader) = (loader::folder(path), reader.loader);
    if folder.is_empty() || !stands_alone(loader, folder) || !loader.read(path).is_ok_and(|text| is_bare(&text)) {
        return false;
    }
    let around = loader::folder(folder);
    reader.memo.of::<Collection>(around, || Collection(is_collection(loader, around))).0
}

fn is_collection(loader: &dyn Loader, around: &str) -> bool {
    let folders = loader.list(around).into_iter().take(MOST).filter_map(|name| loader::join(around, &name));
    let is_folder = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::Folder);
    let with_compose = folders.filter(is_folder).filter_map(|folder| {
        let path =
            BASES.iter().find_map(|name| loader::join(&folder, name).filter(|path| loader.stat(path).is_some()))?;
        Some((folder, path))
    });
    let (mut say_so, mut others) = (0, 0);
    for (folder, path) in with_compose {
        let text = loader.read(&path).unwrap_or_default();
        if stands_alone(loader, &folder) && is_bare(&text) && says_example(&text) {
            say_so += 1;
        } else {
            others += 1;
        }
    }
    say_so >= FEW && others <= say_so
}

/// Whether a file has nothing of its own beside it, and nothing of the host.
fn is_bare(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().all(|line| !OWN.iter().any(|word| line.contains(word)) && !mounts(line))
}

/// Whether a folder beside the file, or one of the host, is mounted: `./data:/x`, `/etc:/x`.
fn mounts(line: &str) -> bool {
    line.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | ',' | '"' | '\'')).any(|word| {
        ["./", "../", "~/"].iter().any(|start| word.starts_with(start)) || word.starts_with('/') && word.contains(':')
    })
}

/// Whether a file has the word in it, but in names of hosts: those stand in files that are run as well.
fn says_example(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    memmem::find_iter(&text, b"example").any(|at| {
        let (before, behind) = text.split_at(at);
        let behind = behind.get("example".len()..).unwrap_or_default();
        !before.ends_with(b".") && ![&b".com"[..], b".org", b".net"].iter().any(|end| behind.starts_with(end))
    })
}

/// Whether nothing but prose and pictures lies beside a Compose file.
fn stands_alone(loader: &dyn Loader, folder: &str) -> bool {
    const PROSE: &[&str] = &["md", "txt", "rst", "png", "svg", "jpg", "json"];
    loader.list(folder).iter().all(|name| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        BASES.contains(&name.as_str())
            || ending.is_some_and(|ending| PROSE.contains(&ending.as_str()))
            || matches!(name.as_str(), "LICENSE" | "README" | "deprecated" | "github-repo")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;
    use crate::workspace::{Query, Workspace};

    fn is_example_among(stacks: &[(&str, usize)], beside: &[&str]) -> bool {
        let texts = stacks.iter().flat_map(|(text, count)| std::iter::repeat_n(*text, *count));
        let mut files = Vec::new();
        for (at, text) in texts.enumerate() {
            files.push((format!("stacks/stack{at}/compose.yaml"), text.to_owned()));
            files.extend(beside.iter().map(|more| (format!("stacks/stack{at}/{more}"), String::new())));
        }
        let memory = Memory::new(files);
        let workspace = Workspace::new(&memory, Query::default());
        is_example(&workspace.reader(), "stacks/stack0/compose.yaml")
    }

    const BARE: &str = "services: {a: {image: x}}";
    const SAYS: &str = "services: {a: {image: x, environment: {DB_PASSWORD: example}}}";

    #[test]
    fn folders_that_say_so_are_examples() {
        assert!(is_example_among(&[(BARE, 4), (SAYS, 4)], &[]));
        assert!(is_example_among(&[(SAYS, 4)], &["content.md", "logo.png"]));
        assert!(!is_example_among(&[(BARE, 5), (SAYS, 4)], &[]));
        assert!(!is_example_among(&[(SAYS, 3)], &[]));
        assert!(!is_example_among(&[(SAYS, 4)], &["app.conf"]));
    }

    #[test]
    fn the_stacks_of_a_server_are_no_examples_however_many_they_are() {
        assert!(!is_example_among(&[(BARE, 200)], &[]) && !is_example_among(&[(BARE, 200)], &["README.md"]));
        let of_hosts = "services: {a: {image: x, hostname: a.example.com, domainname: shop.example}}";
        assert!(!is_example_among(&[(of_hosts, 200)], &[]));
    }

    #[test]
    fn what_has_something_of_the_host_is_told_among_examples_as_well() {
        for own in [
            "privileged: true",
            "volumes:\n    - /etc:/x",
            "volumes: ['./data:/x']",
            "volumes: [/srv:/x]",
            "env_file: a.env",
        ] {
            let text = format!("services:\n  a:\n    image: example\n    {own}\n");
            assert!(!is_example_among(&[(&text, 1), (SAYS, 20)], &[]), "{own}");
        }
        for none in ["volumes: [data:/x, /y]", "# - ./a.php:/a.php"] {
            let text = format!("services:\n  a:\n    image: example\n    {none}\n");
            assert!(is_example_among(&[(&text, 1), (SAYS, 20)], &[]), "{none}");
        }
    }
}
