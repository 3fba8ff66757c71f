//! Scripts that a container starts, where they stand beside the Dockerfile.

use crate::loader;
use crate::text::lossy;
use crate::workspace::Reader;
use std::sync::Arc;

/// Programs that start another one under another user.
const DROPPERS: &[&str] = &[
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "chpst",
    "s6-setuidgid",
    "setuidgid",
    "softlimit",
    "sudo",
    "su",
    "fixuid",
    // Of phusion/baseimage, and of Debian.
    "setuser",
    "start-stop-daemon",
];

/// Those of them that are installed only to be used by an entrypoint.
pub(super) const TOOLS: &[&str] = &["gosu", "su-exec", "fixuid"];

/// Whether a script keeps root's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// Nothing in it gives them up.
    Kept,
    /// It starts something as another user.
    GivenUp,
}

/// What is known of a word of the command that the container starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// It is no script.
    None,
    /// A script that is at hand: its text.
    Text(Rights, String),
    /// A script by its name, which is not at hand.
    Unseen,
}

/// Whether a word is named as a script is.
pub(super) fn is_named_so(word: &str) -> bool {
    let name = loader::name(word);
    let shell = name.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "sh" | "bash"));
    !word.contains(char::is_whitespace) && (shell || name.contains("entrypoint"))
}

/// The names of all words in a text, without their folders.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || ";&|()\"'`".contains(c)).map(loader::name)
}

/// Whether a text starts sshd as a service of the system: `service ssh start`, `/etc/init.d/ssh restart`.
pub(super) fn starts_ssh(text: &str) -> bool {
    let is_ssh = |word: &str| matches!(word, "ssh" | "sshd");
    let starts = |word: &str| matches!(word, "start" | "restart");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split(['&', '|', ';'])).any(|command| {
        let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        words.windows(3).any(|three| match three {
            ["service" | "rc-service", name, what] => is_ssh(name) && starts(what),
            _ => false,
        }) || words.windows(2).any(|two| match two {
            [path, what] => path.strip_prefix("/etc/init.d/").is_some_and(is_ssh) && starts(what),
            _ => false,
        })
    })
}

/// Whether a command's text starts something as another user.
pub(super) fn drops(text: &str) -> bool {
    names(text).any(|name| DROPPERS.contains(&name)) || text.contains("--userspec")
}

/// Whether a line of a script does so. `sudo` alone only runs what follows as root.
fn line_drops(line: &str) -> bool {
    let mut sudo = false;
    names(line).any(|name| {
        let named = matches!(name, "-u" | "--user") || name.starts_with("--user=") || name.starts_with("-Hu");
        let drops = DROPPERS.contains(&name) && name != "sudo" || sudo && named || name.starts_with("--userspec");
        sudo |= name == "sudo";
        drops
    })
}

/// Whether a line of a uWSGI configuration has the server give root up.
fn sets_user(line: &str) -> bool {
    let value = line.split_once('=').filter(|(key, _)| key.trim() == "uid").map(|(_, value)| value.trim());
    value.is_some_and(|user| !matches!(user, "" | "0" | "root"))
}

/// Whether a file starts something as another user; a script also by the configuration that it gives to uWSGI.
fn gives_up(reader: &Reader<'_>, dockerfile: &str, name: &str, text: &str) -> bool {
    let is_configuration = |name: &str| name.rsplit_once('.').is_some_and(|(_, ending)| ending == "ini");
    if is_configuration(name) {
        return text.lines().any(sets_user);
    }
    let lines = || text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let configured = |name: &str| find(reader, dockerfile, name).is_some_and(|text| text.lines().any(sets_user));
    lines().any(line_drops) || lines().flat_map(names).filter(|name| is_configuration(name)).any(configured)
}

/// The script that a word names, as it stands beside the Dockerfile or above it. Stages and services name the same.
pub(super) fn read(reader: &Reader<'_>, dockerfile: &str, word: &str) -> Arc<Body> {
    let first = word.split_whitespace().next().unwrap_or(word);
    let (name, named) = (loader::name(first), is_named_so(first));
    if !name.contains('.') && !named || name.len() > 100 {
        return Arc::new(Body::None);
    }
    let body = || match find(reader, dockerfile, name) {
        Some(text) if gives_up(reader, dockerfile, name, &text) => Body::Text(Rights::GivenUp, text),
        Some(text) => Body::Text(Rights::Kept, text),
        None if named => Body::Unseen,
        None => Body::None,
    };
    reader.memo.lately::<Body>(&format!("{dockerfile}\0{name}\0{named}"), body)
}

/// What the Dockerfile copies that is called so: `COPY ./uWSGI/app.ini .`.
fn copied_as(reader: &Reader<'_>, dockerfile: &str, name: &str) -> Option<String> {
    /// What a Dockerfile copies out of folders.
    struct Copied(Vec<String>);
    let read = || {
        let text = lossy(reader.loader.read(dockerfile).ok()?);
        let copies = text.lines().map(str::split_whitespace).filter_map(|mut words| {
            let keyword = words.next()?;
            (keyword.eq_ignore_ascii_case("COPY") || keyword.eq_ignore_ascii_case("ADD")).then_some(words)
        });
        let sources = copies.flatten().map(|word| word.trim_matches(['[', ']', '"', ',']));
        Some(sources.filter(|word| !word.starts_with('/') && word.contains('/')).map(str::to_owned).collect())
    };
    let copied = reader.memo.lately::<Copied>(dockerfile, || Copied(read().unwrap_or_default()));
    copied.0.iter().find(|word| loader::name(word) == name).cloned()
}

/// The text of the nearest file of a name, in the folder of the Dockerfile or one above it.
fn find(reader: &Reader<'_>, dockerfile: &str, name: &str) -> Option<String> {
    let mut folder = loader::folder(dockerfile);
    let copied = copied_as(reader, dockerfile, name);
    loop {
        let near = [name.to_owned(), format!("docker/{name}"), format!("scripts/{name}"), format!("bin/{name}")];
        for path in near.into_iter().chain(copied.clone()) {
            let Some(path) = loader::join(folder, &path) else { continue };
            if reader.loader.stat(&path).is_none_or(|stat| stat.kind != loader::Kind::File) {
                continue;
            }
            let Ok(bytes) = reader.loader.read(&path) else { continue };
            return Some(lossy(bytes));
        }
        if folder.is_empty() {
            return None;
        }
        folder = loader::folder(folder);
    }
}
