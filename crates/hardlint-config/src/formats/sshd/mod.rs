//! `sshd_config`: the configuration of OpenSSH's server.
//!
//! Values, defaults and refusals are those of `sshd -T`, against which the recorded answers in
//! `testdata/oracles/sshd` hold them.

mod algorithms;
mod criteria;
mod defaults;
mod derive;
mod edit;
mod facts;
mod include;
mod keys;
mod keywords;
mod precedence;
mod print;
mod resolve;
mod spelling;
mod syntax;
mod template;
mod units;
mod values;
mod walk;

#[cfg(test)]
mod tests;

use super::{Format, Link, Name};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use syntax::Line;

/// `sshd_config`.
pub static FORMAT: Format = Format {
    id: "sshd",
    title: "sshd_config",
    names: &[
        Name::Is("sshd_config"),
        Name::In("sshd_config.d", "*.conf"),
        Name::Perhaps("*sshd*conf*"),
        Name::Perhaps("*sshd_config*"),
        Name::Perhaps("*.conf"),
    ],
    sniff,
    comment: "#",
    schema: &keys::SCHEMA,
    links,
    resolve: resolve::resolve,
    print: print::print,
    comments,
    words: keywords::OFFERED,
    identity: super::label,
    edit: edit::edit,
};

/// Keywords that no client and no other program has.
const OWN: &[&str] = &[
    "acceptenv",
    "allowgroups",
    "allowusers",
    "authorizedkeysfile",
    "chrootdirectory",
    "denyusers",
    "forcecommand",
    "hostkey",
    "listenaddress",
    "logingracetime",
    "maxauthtries",
    "maxsessions",
    "maxstartups",
    "permitemptypasswords",
    "permitrootlogin",
    "permituserenvironment",
    "printmotd",
    "strictmodes",
    "subsystem",
    "usedns",
    "usepam",
    "x11forwarding",
];
/// How many lines tell what a file is.
const SNIFFED: usize = 200;

/// Whether a text is an `sshd_config`: all its keywords are sshd's, and its name or one of them is nobody else's.
fn sniff(path: &str, text: &str) -> bool {
    let mut own = crate::loader::name(path).to_ascii_lowercase().contains("sshd");
    let mut any = false;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '{', '<']));
    for line in lines.take(SNIFFED) {
        let word: String = line.split([' ', '\t', '=', '"']).next().unwrap_or_default().to_ascii_lowercase();
        let none = keywords::WITHOUT_EFFECT.iter().any(|(known, _)| *known == word);
        let known = none || spelling::canonical(&word).is_some() || keywords::OF_PATCHES.contains(&word.as_str());
        if !known && !matches!(word.as_str(), "match" | "include") {
            return false;
        }
        own |= OWN.contains(&word.as_str());
        any = true;
    }
    own && any
}

fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let mut links = Vec::new();
    for line in syntax::parse(&source.path, &source.text).lines {
        let Line::Statement(statement) = line else { continue };
        if !statement.keyword.eq_ignore_ascii_case("include") {
            continue;
        }
        for word in &statement.words {
            let Some(target) = word.known() else { continue };
            let paths = include::files(reader.loader, query, &source.path, target);
            links.push(Link { at: Loc::new(file, word.at), kind: "include", target: target.to_owned(), paths });
        }
    }
    links
}

fn comments(text: &str) -> Vec<Span> {
    syntax::parse("", text).comments
}
