//! What packages are taken on: signatures that are not asked for, indexes without TLS, sources that move.

use super::{Fact, Facts, is, values};
use crate::syntax::shell::{Command, Word};
use crate::text::Span;

/// Options that stop a package manager from asking for signatures, by its names.
const UNSIGNED: &[(&[&str], &[&str])] = &[
    (&["apt-get", "apt", "aptitude"], &["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"]),
    (&["apk"], &["--allow-untrusted"]),
    (&["yum", "dnf", "dnf-3", "microdnf", "tdnf", "zypper"], &["--nogpgcheck", "--no-gpg-checks", "--no-gpgcheck"]),
    (&["rpm"], &["--nosignature", "--nodigest", "--noverify", "--nofiledigest"]),
    (&["dpkg"], &["--force-bad-verify"]),
];

/// Adds what is known of where a command's packages come from.
pub(super) fn add(command: &Command, facts: &mut Facts) {
    let Some(program) = command.program() else { return };
    let mut put = |name: &'static str, found: Vec<(String, Span)>| {
        if !found.is_empty() {
            facts.push((name, Fact::List(found)));
        }
    };
    put("unsigned_packages", unsigned(program, command));
    put("plain_index", plain_index(program, command));
    put("moving_source", moving_source(program, command));
}

/// What makes packages be taken whose signature is missing or wrong.
fn unsigned(program: &str, command: &Command) -> Vec<(String, Span)> {
    let arguments = command.arguments();
    let options = UNSIGNED.iter().find(|(programs, _)| programs.contains(&program)).map_or(&[][..], |(_, known)| known);
    let mut found = Vec::new();
    for word in arguments {
        let Some(text) = word.known() else { continue };
        if options.contains(&text) || writes_unsigned(program, text) {
            found.push((short(text), word.span));
        }
    }
    for (value, at) in values(command, &["-o", "--option"]) {
        let lower = value.to_ascii_lowercase();
        let off = lower.starts_with("apt::get::allowunauthenticated=") && !lower.ends_with("false");
        if off && program.starts_with("apt") {
            found.push((value.to_owned(), at));
        }
    }
    // What is fed to `cat` or `tee` becomes a file.
    if matches!(program, "cat" | "tee") {
        let fed = command.redirects.iter().filter(|redirect| redirect.mark.starts_with("<<"));
        for target in fed.map(|redirect| &redirect.target) {
            if let Some(setting) = target.known().and_then(unsigned_setting) {
                found.push((setting.to_owned(), target.span));
            }
        }
    }
    found
}

/// Whether a word that a program prints or writes is a setting of a package manager that asks for no signature.
fn writes_unsigned(program: &str, text: &str) -> bool {
    let writes = matches!(
        program,
        "echo" | "printf" | "sed" | "yum" | "dnf" | "microdnf" | "tdnf" | "yum-config-manager" | "add-apt-repository"
    );
    writes && unsigned_setting(text).is_some()
}

/// The setting of a source of packages that asks for no signature; one on the machine itself needs none.
fn unsigned_setting(text: &str) -> Option<&'static str> {
    let setting = |line: &str| {
        let compact: String = line.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let at = compact.find("gpgcheck=0").or_else(|| compact.find("gpgcheck=false"));
        // `repo_gpgcheck` is about the list of packages, which rarely has a signature.
        let packages = at.is_some_and(|at| !compact.get(..at).unwrap_or_default().ends_with('_'));
        if packages {
            return Some("gpgcheck=0");
        }
        let apt = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).starts_with("deb");
        (apt && compact.contains("trusted=yes") && !line.contains("file:") && !line.contains("copy:"))
            .then_some("trusted=yes")
    };
    text.lines().flat_map(|line| line.split("\\n")).find_map(setting)
}

/// An index of packages that is asked without TLS, by managers that ask for no signature.
fn plain_index(program: &str, command: &Command) -> Vec<(String, Span)> {
    let arguments = command.arguments();
    let options: &[&str] = match program {
        "pip" | "pip3" | "pipenv" | "python" | "python3" | "uv" => {
            &["-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--default-index", "--index"]
        }
        "npm" | "yarn" | "pnpm" | "bun" => &["--registry", "registry"],
        "gem" | "bundle" => &["-s", "--source", "-a", "--add"],
        _ => return Vec::new(),
    };
    let installs = !program.starts_with("python") || arguments.iter().any(|word| is(word, "pip"));
    let assigned = arguments.iter().filter_map(|word| Some((word.known()?.strip_prefix("registry=")?, word.span)));
    let given = values(command, options).into_iter().chain(assigned);
    given
        .filter(|(url, _)| installs && url.starts_with("http://") && !super::tls::is_local(url))
        .map(|(url, at)| (short(url), at))
        .collect()
}

/// A package of Python that is taken from whatever a repository has at that time.
fn moving_source(program: &str, command: &Command) -> Vec<(String, Span)> {
    let arguments = command.arguments();
    let pip = match program {
        "pip" | "pip3" => arguments.first().is_some_and(|word| is(word, "install")),
        "python" | "python3" | "uv" => {
            arguments.windows(2).any(|pair| matches!(pair, [a, b] if is(a, "pip") && is(b, "install")))
        }
        _ => false,
    };
    let moves = |word: &Word| {
        // `name @ git+https://…` may be one word.
        let text = word.known()?;
        let at = text.find("git+").or_else(|| text.find("http"))?;
        let url = text.get(at..)?.split(['#', ' ', ';']).next()?;
        let path = url.split_once("://")?.1.split_once('/')?.1;
        let branch = if url.starts_with("git+") {
            path.rsplit_once('@').is_none_or(|(_, revision)| is_branch(revision))
        } else {
            archive_of(path).is_some_and(is_branch)
        };
        (branch && (at == 0 || text.get(..at)?.contains('@'))).then(|| (short(url), word.span))
    };
    if pip { arguments.iter().filter_map(moves).collect() } else { Vec::new() }
}

/// Whether a revision is what somebody pushed last.
fn is_branch(revision: &str) -> bool {
    matches!(revision, "main" | "master" | "develop" | "dev" | "HEAD")
}

/// The revision that an archive of a repository is made of, as GitHub and GitLab give it.
fn archive_of(path: &str) -> Option<&str> {
    let mut parts = path.split('/').skip_while(|part| !matches!(*part, "archive" | "zipball" | "tarball"));
    parts.next()?;
    let mut revision = parts.find(|part| !matches!(*part, "refs" | "heads"))?;
    for ending in [".zip", ".tar.gz", ".tgz"] {
        revision = revision.strip_suffix(ending).unwrap_or(revision);
    }
    Some(revision)
}

/// A text as a finding names it.
fn short(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
