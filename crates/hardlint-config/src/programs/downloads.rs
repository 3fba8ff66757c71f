//! What becomes of downloads that no checksum is asked of: unpacked, installed, put where programs stand.
//!
//! That nothing compares them is told of one script alone: whoever asks looks at the other steps of the image, too.

use super::fetch::{FILTERS, saved_as, to_output, url_of};
use super::{Fact, Facts, is, values};
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

/// Programs that unpack what they read or are given.
const UNPACKERS: &[&str] = &["tar", "bsdtar", "gtar", "unzip", "7z", "7za", "cpio"];
/// Programs between a download and what unpacks it.
const DECOMPRESSORS: &[&str] = &["xz", "unxz", "xzcat", "bzip2", "bunzip2", "zstd", "unzstd", "lz4", "pigz"];
/// Folders whose files are run by their names.
const PROGRAMS: &[&str] = &["bin", "sbin"];
/// Endings of files that are run or loaded as they are.
const RUN: &[&str] = &[".jar", ".war", ".phar", ".so", ".whl"];
/// Options of package managers that install a file.
const INSTALLERS: &[(&[&str], &[&str])] = &[
    (&["dpkg"], &["-i", "--install", "-iE"]),
    (&["apt", "apt-get", "yum", "dnf", "microdnf", "tdnf", "zypper", "gdebi"], &["install", "localinstall"]),
    (&["apk"], &["add"]),
    (&["pip", "pip3", "gem", "npm"], &["install", "i"]),
];

/// The downloads of a script that become part of the image with nothing that compares them: their indexes, and what
/// becomes of each.
pub(super) fn unchecked(script: &Script) -> Vec<(usize, Fact)> {
    let mut found = Vec::new();
    if script.commands.iter().any(checks) {
        return found;
    }
    // Over plain http anybody on the way may answer with anything.
    let url_of = |command| url_of(command).filter(|word| is_plain(word) || !is_of_a_commit(word) && !is_newest(word));
    for (index, command) in script.commands.iter().enumerate() {
        if let Some(what) = fed(command) {
            let upstream: Vec<(usize, &Command)> = script.upstream(index).collect();
            let passes = |name: &str| FILTERS.contains(&name) || DECOMPRESSORS.contains(&name);
            let through = upstream.iter().take_while(|(_, from)| from.program().is_some_and(passes)).count();
            if let Some((from, source)) = upstream.get(through).filter(|(_, source)| to_output(source))
                && let Some(word) = url_of(source).filter(|word| (what != KEY || is_plain(word)) && !is_fixed(word))
            {
                found.push((*from, Fact::Text(what.to_owned(), vec![word.span, command.span])));
            }
        }
        if let Some(word) = url_of(command)
            && !is_fixed(word)
            && let Some(file) = saved_as(command)
        {
            let later = script.commands.iter().skip(index + 1);
            let becomes = at_place(&file)
                .map(|what| (what, command.span))
                .or_else(|| later.clone().find_map(|later| Some((becomes(later, &file, is_plain(word))?, later.span))));
            if let Some((what, by)) = becomes {
                let mut places = vec![word.span];
                places.extend((by != command.span).then_some(by));
                found.push((index, Fact::Text(what, places)));
            }
        }
        if let Some(word) = plain_package(command) {
            let program = command.program().unwrap_or_default();
            found.push((index, Fact::Text(format!("given to `{program}`"), vec![word.span])));
        }
        if command.program() == Some("rpm")
            && let Some((_, at)) =
                values(command, &["--import"]).into_iter().find(|(url, _)| url.starts_with("http://"))
        {
            found.push((index, Fact::Text(KEY.to_owned(), vec![at])));
        }
    }
    found
}

/// A file that a script saved in clear text and left for the steps behind it.
#[derive(Debug)]
pub(crate) struct Left {
    /// The command that saved it, by its place in the script.
    pub(crate) by: usize,
    /// Where its address stands.
    pub(crate) url: Span,
    file: String,
}

/// The files that a script saves over plain http with nothing that compares them, and does nothing with.
pub(crate) fn left(script: &Script) -> Vec<Left> {
    if script.commands.iter().any(checks) {
        return Vec::new();
    }
    let used = |index: usize, file: &str| {
        let mut later = script.commands.iter().skip(index + 1);
        at_place(file).is_some() || later.any(|later| becomes(later, file, true).is_some())
    };
    let left = |(by, command): (usize, &Command)| {
        let word = url_of(command).filter(|word| is_plain(word) && !super::tls::is_local(&word.shown()))?;
        let file = saved_as(command).filter(|file| !used(by, file))?;
        Some(Left { by, url: word.span, file })
    };
    script.commands.iter().enumerate().filter_map(left).collect()
}

/// What a later step makes of such a file, and where.
pub(crate) fn becomes_of(script: &Script, left: &Left) -> Option<(String, Span)> {
    script.commands.iter().find_map(|command| Some((becomes(command, &left.file, true)?, command.span)))
}

/// What the key of a package source becomes: what it signed is installed without a question.
const KEY: &str = "trusted to sign packages";

/// Whether an address names one content for good: by the whole number of a commit.
fn is_of_a_commit(url: &Word) -> bool {
    let text = url.shown();
    let mut parts = text.split(['/', '.']);
    parts.any(|part| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether an address leads to whatever is the newest, as it says or as no version stands in it: nobody can write its
/// checksum down. What lies on a branch changes as well, and could be taken by its commit.
fn is_newest(url: &Word) -> bool {
    let text = url.shown();
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric());
    let path = text.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let release = path.contains("/release/") || path.contains("/stable/") || path.contains("/current/");
    let versioned = path.contains(|c: char| c.is_ascii_digit() || c == '$');
    words().any(|word| word.eq_ignore_ascii_case("latest")) || release && !versioned
}

/// Adds whether a command compares something with a checksum or a signature.
pub(super) fn add(command: &Command, facts: &mut Facts) {
    if checks(command) {
        let name = command.program().unwrap_or_default().to_owned();
        facts.push(("checks", Fact::Text(name, vec![command.span])));
    }
}

/// Whether a command works out a checksum or checks a signature: what else would a build do it for.
fn checks(command: &Command) -> bool {
    let has = |options: &[&str]| command.arguments().iter().any(|word| options.iter().any(|option| is(word, option)));
    match command.program() {
        Some(
            "sha1sum" | "sha224sum" | "sha256sum" | "sha384sum" | "sha512sum" | "shasum" | "md5sum" | "b2sum" | "b3sum"
            | "gpgv" | "cosign" | "minisign" | "signify" | "slsa-verifier" | "sha256" | "sha512",
        ) => true,
        Some("gpg" | "gpg2") => has(&["--verify", "--batch-verify"]),
        Some("gh") => has(&["attestation"]),
        Some("openssl") => has(&["dgst", "sha256", "sha512"]),
        _ => false,
    }
}

/// The address of a package or an archive that a program, perhaps one of the project's own, is given without TLS.
fn plain_package(command: &Command) -> Option<&Word> {
    const ENDINGS: &[&str] =
        &[".deb", ".rpm", ".apk", ".jar", ".whl", ".zip", ".tgz", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"];
    // What only prints or looks takes nothing in; what fetches is followed to what becomes of it.
    const OTHERS: &[&str] = &["echo", "printf", "export", "sed", "grep", "test", "[", "curl", "wget", "git", "env"];
    let program = command.program()?;
    if OTHERS.contains(&program) {
        return None;
    }
    let package = |word: &&Word| {
        let text = word.shown();
        let path = text.split(['?', '#']).next().unwrap_or_default();
        is_plain(word) && !super::tls::is_local(&text) && ENDINGS.iter().any(|ending| path.ends_with(ending))
    };
    command.arguments().iter().find(package)
}

/// Whether an address names what it gives by a commit: over TLS, nobody but the host can give anything else.
fn is_fixed(url: &Word) -> bool {
    let is_commit = |part: &str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_plain(url) && url.shown().split(['/', '.', '-']).any(is_commit)
}

fn is_plain(url: &Word) -> bool {
    url.start().starts_with("http://") || url.start().starts_with("ftp://")
}

/// What a command makes of what it reads.
fn fed(command: &Command) -> Option<&'static str> {
    match command.program()? {
        "tar" | "bsdtar" | "gtar" if extracts(command) => Some("unpacked into the image"),
        "cpio" => Some("unpacked into the image"),
        "apt-key" => Some(KEY),
        "gpg" | "gpg2" if command.arguments().iter().any(|word| is(word, "--dearmor") || is(word, "--import")) => {
            Some(KEY)
        }
        _ => None,
    }
}

/// Whether `tar` takes files out: `x` among its first letters.
fn extracts(command: &Command) -> bool {
    let letters = |word: &Word, first: bool| {
        word.known().is_some_and(|text| match text.strip_prefix('-') {
            Some(rest) => text == "--extract" || text == "--get" || !rest.starts_with('-') && rest.contains('x'),
            None => first && text.contains('x') && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
        })
    };
    command.arguments().iter().enumerate().any(|(place, word)| letters(word, place == 0))
}

/// What a file is by where it is saved.
fn at_place(file: &str) -> Option<String> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let runs = folder.rsplit('/').next().is_some_and(|last| PROGRAMS.contains(&last));
    let loaded = RUN.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
    // A signature of a program lies beside it.
    let beside = [".asc", ".sig", ".sha256", ".sha512", ".pem", ".crt", ".gpg", ".key"];
    if beside.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    if runs {
        return Some(format!("a program in `{folder}`"));
    }
    // What lies in `/tmp` is taken from there, or left.
    (loaded && !folder.starts_with("/tmp")).then(|| "kept, to be run".to_owned())
}

/// What a later command makes of the file.
fn becomes(command: &Command, file: &str, plain: bool) -> Option<String> {
    let program = command.program()?;
    let arguments = command.arguments();
    let names = |word: &Word| same(&word.shown(), file);
    if !arguments.iter().any(names) {
        return None;
    }
    let has = |options: &[&str]| arguments.iter().any(|word| options.iter().any(|option| is(word, option)));
    if INSTALLERS.iter().any(|(programs, options)| programs.contains(&program) && has(options))
        || program == "rpm"
            && arguments.iter().any(|word| word.start().starts_with("-i") || word.start().starts_with("-U"))
    {
        return Some(format!("installed by `{program}`"));
    }
    match program {
        "tar" | "bsdtar" | "gtar" => extracts(command).then(|| "unpacked into the image".to_owned()),
        "unzip" => (!has(&["-p", "-l", "-t"])).then(|| "unpacked into the image".to_owned()),
        _ if UNPACKERS.contains(&program) => Some("unpacked into the image".to_owned()),
        "chmod" => {
            arguments.iter().find_map(Word::known).filter(|mode| lets_run(mode)).map(|_| "made a program".to_owned())
        }
        "mv" | "cp" | "install" | "ln" => {
            let target = arguments.last()?.shown();
            let folder = target.trim_end_matches('/');
            let runs = folder.split('/').any(|part| PROGRAMS.contains(&part));
            runs.then(|| format!("put into `{folder}`"))
        }
        "apt-key" if plain => Some(KEY.to_owned()),
        _ => None,
    }
}

/// Whether a mode lets a file be run.
fn lets_run(mode: &str) -> bool {
    let digits = mode.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    if digits {
        return u32::from_str_radix(mode, 8).is_ok_and(|bits| bits & 0o111 != 0);
    }
    mode.contains('+') && mode.contains('x') || mode.contains('=') && mode.contains('x')
}

/// Whether two ways to write a path may mean one file: the same, or the same name where one has no folder.
fn same(one: &str, other: &str) -> bool {
    let one = one.strip_prefix("./").unwrap_or(one);
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    one == other || (one.contains('/') != other.contains('/') && name(one) == name(other) && !name(one).is_empty())
}
